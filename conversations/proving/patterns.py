"""A regular expression from an editor, searched where it can do no harm.

Python's expressions may take for ever on the wrong text, and hold up every other thread
meanwhile. So each search runs in a process of its own, which the kernel ends once it has used a
second of CPU: editors keep the whole language, and the site keeps its time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Final

PATTERN_CHARACTERS: Final = 300
TEXT_CHARACTERS: Final = 40_000
# Where there are no limits of CPU time, and for a machine that stands still.
PATIENCE_SECONDS: Final = 30.0

_PROGRAM: Final = """
import json, re, sys
try:
    import resource
except ImportError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
pattern, text = json.load(sys.stdin)
found = re.search(pattern, text, re.IGNORECASE | re.MULTILINE)
print("yes" if found else "no")
"""


class SlowPatternError(Exception):
    """The expression did not come to an end with a second, or 512 MB, of its own."""


def pattern_fault(pattern: str) -> str:
    """Return what is wrong with an expression, in Python's words; "" if nothing is."""
    try:
        re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as fault:
        return str(fault)
    return ""


def pattern_search(pattern: str, text: str) -> bool:
    """Return whether the expression is found in the text, in any case, line by line.

    It blocks; call it from a thread.

    Args:
        pattern: Checked before with ``pattern_fault``.
        text: Only its first 40,000 characters count.

    Raises:
        SlowPatternError: It was still searching after a second of CPU time.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the pattern goes in as data
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps([pattern, text[:TEXT_CHARACTERS]]),
            capture_output=True,
            check=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        raise SlowPatternError from fault
    return done.stdout.strip() == "yes"
