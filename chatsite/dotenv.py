"""The ``.env`` file: finding what is wrong with one, and writing the first one.

django-environ logs a line it cannot read, whole, and goes on without it: a secret lands in the
log and the site starts on a default nobody asked for. So the file is proved before it is read.

``python -m chatsite.dotenv`` writes a new ``.env``, fit for a first start; nothing here needs
Django, so that it can run before there are settings.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

PATH = Path(__file__).resolve().parent.parent / ".env"

_ASSIGNMENT = re.compile(r"(?:export )?(?P<name>[A-Za-z_][A-Za-z_0-9]*)=(?P<value>.*)", re.DOTALL)

FIRST = """\
# Made for this machine; .env.example explains every variable there is.
# Whoever has these two keys can sign in as anybody and read the API keys: keep them to yourself.
SECRET_KEY={secret_key}
MASTER_KEYS={master_key}

# With a key, the site talks to a real provider instead of the sandbox:
# OPENAI_API_KEY=
"""


def problems(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield ``(line number, what is wrong)`` for each bad line; never the line itself.

    Args:
        content: The file as it is on disk.
    """
    seen: dict[str, int] = {}
    for number, raw in enumerate(content.splitlines(), start=1):
        try:
            line = raw.decode()
        except UnicodeDecodeError:
            yield number, "is not UTF-8 text"
            continue
        if not line.strip() or line.startswith("#"):
            continue
        assignment = _ASSIGNMENT.fullmatch(line)
        if not assignment:
            yield number, "is not NAME=value (no spaces around the name) and no # comment"
            continue
        name, value = assignment["name"], assignment["value"]
        if name in seen:
            yield number, f"sets {name} again; line {seen[name]} did before"
        elif value[:1] in {"'", '"'} and (len(value) == 1 or value[-1] != value[0]):
            yield number, f"opens a quote for {name} and does not close it"
        elif value != value.strip():
            yield number, f"has a space before or after the value of {name}"
        elif " #" in value and value[:1] not in {"'", '"'}:
            yield number, f"has a comment after the value of {name}; give it a line of its own"
        seen.setdefault(name, number)


def write_first(path: Path = PATH) -> bool:
    """Write a ``.env`` with fresh secrets that its owner alone can read.

    Returns:
        Whether it was written; a file that is there already stays as it is.
    """
    content = FIRST.format(
        secret_key=secrets.token_urlsafe(48),
        master_key=base64.b64encode(secrets.token_bytes(32)).decode(),
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return True


if __name__ == "__main__":
    if write_first():
        sys.stdout.write(f"Wrote {PATH.name} with fresh secrets.\n")
