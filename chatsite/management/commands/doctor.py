"""``manage.py doctor``: what is wrong with this site, in plain words."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chatsite.doctor import CHECKS, Check, Finding, Grade, examine
from chatsite.doctor.providers import trial_check

MARKS = {
    Grade.FINE: "ok",
    Grade.DOUBTFUL: "look",
    Grade.WRONG: "WRONG",
    Grade.SKIPPED: "-",
}


class Command(BaseCommand):
    """Looks at everything the site needs, and ends with 1 if anything is wrong."""

    help = "Looks for what is wrong with the site; ends with 1 if anything is, else with 0."
    # Whatever the settings say of themselves is the first finding, and no reason to give up.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [check.name for check in CHECKS]
        parser.add_argument("--json", action="store_true", help="for programs to read")
        parser.add_argument(
            "--skip",
            action="append",
            choices=names,
            default=[],
            metavar="CHECK",
            help=f"leave one out, may be repeated: {', '.join(names)}",
        )
        parser.add_argument(
            "--try-keys", action="store_true", help="try each key with a real call, which costs"
        )

    def handle(self, **options: Any) -> None:
        trials = [Check("trials", trial_check, ("secrets",))] if options["try_keys"] else []
        found = []
        for name, finding in examine([*CHECKS, *trials], skip=options["skip"]):
            found.append((name, finding))
            if not options["json"]:
                self._tell(name, finding)
        is_well = all(finding.grade is not Grade.WRONG for _, finding in found)
        if options["json"]:
            self.stdout.write(as_json(found, is_well=is_well))
        else:
            self.stdout.write("\nNothing is wrong." if is_well else "\nThe site needs attention.")
        if not is_well:
            sys.exit(1)

    def _tell(self, name: str, finding: Finding) -> None:
        style = {Grade.WRONG: self.style.ERROR, Grade.DOUBTFUL: self.style.WARNING}.get(
            finding.grade, str
        )
        self.stdout.write(f"{style(f'{MARKS[finding.grade]:<6}')} {name:<11} {finding.words}")
        if finding.remedy:
            self.stdout.write(f"{'':<18} {finding.remedy}")
        self.stdout.flush()


def as_json(found: list[tuple[str, Finding]], *, is_well: bool) -> str:
    """Return the findings for programs."""
    findings = [
        {
            "check": name,
            "grade": finding.grade.value,
            "words": finding.words,
            "remedy": finding.remedy,
        }
        for name, finding in found
    ]
    return json.dumps({"is_well": is_well, "findings": findings}, indent=2, ensure_ascii=False)
