"""A provider that answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.chatsite.started import ROOT
from tests.free_port import port_free


@pytest.fixture(scope="module")
def provider_url() -> Iterator[str]:
    port = port_free()
    command = [sys.executable, "-m", "gateway.sandbox", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        assert process.stdout
        assert "answers at" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()
