"""The tests of the widget's scripts are JavaScript; here they run with all the others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
HERE = Path(__file__).parent


@pytest.mark.skipif(NODE is None, reason="node is not installed: the widget's scripts go untested")
def test_the_scripts_pass_their_own_tests() -> None:
    assert NODE is not None
    tests = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    run = subprocess.run([NODE, "--test", *tests], capture_output=True, text=True, check=False)  # noqa: S603 — our own files
    assert run.returncode == 0, run.stdout[-8000:]
    assert "# pass 0" not in run.stdout
