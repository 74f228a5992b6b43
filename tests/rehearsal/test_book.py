"""What a rehearsal reads out of the pages."""

from __future__ import annotations

import subprocess

import pytest

from tests.rehearsal.book import commands_read

SECTIONS = [
    ("deploy.md", "With containers"),
    ("deploy.md", "With systemd"),
    ("upgrade.md", "The steps"),
    ("operations.md", "Backups"),
]


@pytest.mark.parametrize(("page", "heading"), SECTIONS)
def test_each_command_of_a_page_is_one_for_a_shell(page: str, heading: str) -> None:
    commands = commands_read(page, heading)
    assert len(commands) > 3
    for command in commands:
        # What the reader fills in stands in angle brackets.
        text = command.replace("<this repository>", "repository")
        done = subprocess.run(["sh", "-nc", text], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)


def test_what_goes_over_several_lines_is_one_command() -> None:
    commands = commands_read("deploy.md", "With containers")
    (written,) = [command for command in commands if command.startswith("cat > .env")]
    assert written.startswith("cat > .env <<END\nSITE_HOST=")
    assert written.endswith("\nEND")
    (certificate,) = [
        command
        for command in commands_read("deploy.md", "With systemd")
        if command.startswith("certbot")
    ]
    assert certificate.endswith("-d chat.example.com")
