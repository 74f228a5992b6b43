"""The functions in docs/identity.md make tokens that the chat believes, as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conversations.identity.claims import Claims
from conversations.identity.jwt import identity_verify

PAGE = (Path(__file__).parents[3] / "docs" / "identity.md").read_text(encoding="utf-8")
SECRET = "a secret of forty-three characters, about so"
NAME = "Zoë Ødegård 王"


def snippet(heading: str) -> str:
    """Return the first block of code under a heading."""
    found = re.search(rf"^### {heading}\n.*?^```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def run(command: list[str], source: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own documentation
        command, input=source, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout.strip()


def believed(token: str) -> Claims:
    return identity_verify(token, [SECRET], audience="key", now_seconds=time.time())


def test_the_python_function_makes_a_token_that_is_believed() -> None:
    call = f"\nprint(chat_token({SECRET!r}, 7, {NAME!r}))"
    token = run([sys.executable, "-X", "utf8", "-"], snippet("Python") + call)
    assert believed(token) == Claims("7", NAME)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_node_function_makes_a_token_that_is_believed() -> None:
    call = f'\nconsole.log(chatToken("{SECRET}", 7, "{NAME}"))'
    token = run([str(shutil.which("node")), "-"], snippet("Node") + call)
    assert believed(token) == Claims("7", NAME)


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed")
def test_the_php_function_makes_a_token_that_is_believed() -> None:
    call = f"\necho chat_token('{SECRET}', '7', '{NAME}');"
    token = run([str(shutil.which("php"))], "<?php\n" + snippet("PHP") + call)
    assert believed(token) == Claims("7", NAME)
