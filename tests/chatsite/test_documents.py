"""What is written about settings is what the settings do."""

from __future__ import annotations

import re
from typing import Any

from chatsite import settings
from chatsite.dotenv import problems

ROOT = settings.BASE_DIR


def as_text(default: Any) -> str:
    """Return a default as one would type it."""
    match default:
        case bool():
            return str(default).lower()
        case list():
            return ",".join(default)
        case float():
            return f"{default:g}"
        case _:
            return str(default).replace(f"{ROOT}/", "")


DEFAULTS = {name: as_text(default) for name, default in settings.env.defaults.items()}


def test_the_example_file_has_every_variable_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text()
    found = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", example, re.MULTILINE)
    assert dict(found) == DEFAULTS
    assert len(found) == len(DEFAULTS)


def test_the_example_file_can_be_used_as_it_is() -> None:
    example = (ROOT / ".env.example").read_text()
    assert list(problems(example.encode())) == []
    commented_in = re.sub(r"^# ([A-Z_]+=)", r"\1", example, flags=re.MULTILINE)
    assert list(problems(commented_in.encode())) == []


def test_the_readme_has_every_variable_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`|none) \| \S", readme, re.MULTILINE)
    assert dict(rows) == DEFAULTS
    assert len(rows) == len(DEFAULTS)


def test_every_file_that_the_architecture_names_by_its_path_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:chatsite|conversations|gateway|static|tests)/[\w/.-]*)`", text))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
