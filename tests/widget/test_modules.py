"""The tests of the widget's scripts are JavaScript; here they run with all the others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from conversations.widget.scripts import Script, script_loader, script_panel
from conversations.widget.served import script_aside, script_team

NODE = shutil.which("node")
HERE = Path(__file__).parent
SCRIPTS = (script_loader, script_panel, partial(script_aside, "en"), partial(script_team, "en"))


@pytest.mark.skipif(NODE is None, reason="node is not installed: the widget's scripts go untested")
def test_the_scripts_pass_their_own_tests() -> None:
    assert NODE is not None
    tests = sorted(str(path) for path in HERE.glob("*.test.mjs"))
    run = subprocess.run([NODE, "--test", *tests], capture_output=True, text=True, check=False)  # noqa: S603 — our own files
    assert run.returncode == 0, run.stdout[-8000:]
    assert "# pass 0" not in run.stdout


@pytest.mark.skipif(NODE is None, reason="node is not installed: the widget's scripts go untested")
@pytest.mark.parametrize("script", SCRIPTS)
def test_what_browsers_get_is_one_script_without_a_fault(
    script: Callable[[], Script], tmp_path: Path
) -> None:
    assert NODE is not None
    file = tmp_path / "script.mjs"
    file.write_bytes(script().source)
    run = subprocess.run([NODE, "--check", file], capture_output=True, text=True, check=False)  # noqa: S603 — our own file
    assert run.returncode == 0, run.stderr
