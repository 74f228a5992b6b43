"""``manage.py setup``: from a checkout to a site that can be started."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables

from chatsite import dotenv
from chatsite.setup.answers import SECRETS, Answers, site_url_read, variables
from chatsite.setup.envfile import file_write, text_merge
from chatsite.setup.questions import Questions
from chatsite.setup.trials import all_try, database_reserve

LOCAL_DATABASE = f"sqlite:///{settings.BASE_DIR}/db.sqlite3"


class Command(BaseCommand):
    """Asks, tries, writes ``.env``, and prepares the database."""

    help = "Asks for what the site needs, tries each with a real connection, and writes .env."
    # There are no settings yet that could be right.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", help="its name or address, as in chat.example.com")
        parser.add_argument("--processes", help="how many serve it, over all hosts")
        parser.add_argument("--provider-url", help="as OPENAI_BASE_URL")
        parser.add_argument("--model", help="as OPENAI_MODEL")
        parser.add_argument("--operator", help="the first operator's name")
        parser.add_argument(
            "--second-factor", action="store_true", help="have operators set up a second factor"
        )
        parser.add_argument(
            "--no-input",
            action="store_true",
            help=f"ask nothing: {', '.join(SECRETS)} come from the environment",
        )
        parser.add_argument(
            "--secrets-stdin",
            action="store_true",
            help="read NAME=value lines of those from standard input, and ask nothing",
        )
        parser.add_argument("--untested", action="store_true", help="try nothing, write it down")
        parser.add_argument("--env-only", action="store_true", help="stop once .env is written")

    @sensitive_variables()
    def handle(self, **options: Any) -> None:
        path = Path(os.environ.get("ENV_FILE") or dotenv.PATH)
        if path.exists() and not path.is_file():
            raise CommandError(f"{path} is not a file that could be written.")
        current = {**os.environ, **(_stdin_read() if options["secrets_stdin"] else {})}
        answers = self._answers(options, current)
        values = variables(answers, current)
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            file_write(path, text_merge(before, values))
        except (OSError, ValueError) as error:
            raise CommandError(f"{path.name} could not be written: {error}.") from None
        self.stdout.write(
            f"{path} is written; keep it to yourself, and MASTER_KEYS elsewhere, too."
        )
        if not options["env_only"]:
            self._prepare(answers, {**current, **values})

    def _answers(self, options: Mapping[str, Any], current: Mapping[str, str]) -> Answers:
        known = _known(options, current)
        if options["no_input"] or options["secrets_stdin"]:
            url = site_url_read(known.site_url)
            if not url:
                raise CommandError("Name the site: --site chat.example.com")
            known.site_url = url
            problems = [] if options["untested"] else all_try(known)
            if problems:
                raise CommandError("\n".join([*problems, "Nothing was written."]))
            return known
        try:
            return Questions(self.stdout.write).all(known)
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Nothing was written.") from None

    def _prepare(self, answers: Answers, environ: Mapping[str, str]) -> None:
        """Make the tables, collect the files, add the operator: each as the site will run."""
        environ = {**environ, "OPERATOR_PASSWORD": answers.password}
        database_reserve(answers.database_url)
        steps: list[tuple[str, ...]] = [
            ("migrate", "--no-input", "-v0"),
            ("collectstatic", "--no-input", "-v0"),
        ]
        if answers.operator:
            factor = ("--second-factor",) if answers.second_factor else ()
            steps.append(("operator", answers.operator, *factor))
        self.stdout.flush()
        for step in steps:
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *step]
            if subprocess.run(command, env=environ, check=False).returncode:  # noqa: S603 - our own command
                raise CommandError(f"manage.py {step[0]} did not work; what is above says why.")
        self.stdout.write("The site can be started: manage.py serve, then manage.py doctor.")


def _known(options: Mapping[str, Any], current: Mapping[str, str]) -> Answers:
    """Return what arguments and variables say, and defaults for the rest."""
    return Answers(
        site_url=options["site"] or current.get("SITE_URL", ""),
        database_url=current.get("DATABASE_URL") or LOCAL_DATABASE,
        redis_url=current.get("REDIS_URL", ""),
        processes=options["processes"] or current.get("PROCESSES", ""),
        provider_url=options["provider_url"] or settings.OPENAI_BASE_URL,
        model=options["model"] or settings.OPENAI_MODEL,
        api_key=current.get("OPENAI_API_KEY", ""),
        operator=options["operator"] or "",
        password=current.get("OPERATOR_PASSWORD", ""),
        second_factor=options["second_factor"],
    )


def _stdin_read() -> dict[str, str]:
    found = {}
    for number, line in enumerate(sys.stdin.read().splitlines(), start=1):
        name, equals, value = line.partition("=")
        if line and (not equals or name not in SECRETS):
            raise CommandError(f"Line {number} of standard input is none of {', '.join(SECRETS)}.")
        if line:
            found[name] = value
    return found
