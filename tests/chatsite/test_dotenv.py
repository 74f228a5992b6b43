from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from chatsite.dotenv import problems, write_first
from chatsite.environment import Environment


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("SECRET_KEY hunter2", "is not NAME=value"),
        ("SECRET_KEY = hunter2", "is not NAME=value"),
        ("  SECRET_KEY=hunter2", "is not NAME=value"),
        ("SECRET-KEY=hunter2", "is not NAME=value"),
        ("SECRET_KEY='hunter2", "opens a quote for SECRET_KEY"),
        ('SECRET_KEY="', "opens a quote for SECRET_KEY"),
        ("SECRET_KEY=hunter2 ", "has a space before or after the value of SECRET_KEY"),
        ("SECRET_KEY=hunter2 # mine", "has a comment after the value of SECRET_KEY"),
        ("SECRET_KEY=hunter2 \xe9", None),
        ("PORT=9", "sets PORT again; line 1 did before"),
    ],
)
def test_it_says_what_is_wrong_and_never_the_value(line: str, problem: str | None) -> None:
    found = list(problems(f"PORT=8\n{line}\n".encode()))
    assert [number for number, _ in found] == [2] * bool(problem)
    assert all(text.startswith(problem or "-") for _, text in found)
    assert "hunter2" not in repr(found)


def test_a_line_that_is_no_text_is_told_apart() -> None:
    assert list(problems(b"A=1\nB=\xff\n")) == [(2, "is not UTF-8 text")]


def test_comments_empty_lines_quotes_and_exports_are_fine() -> None:
    content = "# hello\n\nA=1\nexport B='x # y'\nC=\"z \"\nD=\nE=a#b\r\n"
    assert list(problems(content.encode())) == []


def test_the_first_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert write_first(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_first_file_has_fresh_keys_of_the_right_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    for name in "ab":
        write_first(tmp_path / name)
        monkeypatch.setattr(Environment, "ENVIRON", {})
        env = Environment()
        env.read_file(tmp_path / name)
        assert len(env.str("SECRET_KEY")) >= 50
        assert [len(base64.b64decode(key)) for key in env.list("MASTER_KEYS")] == [32]
        seen |= {env.str("SECRET_KEY"), *env.list("MASTER_KEYS")}
    assert len(seen) == 4


def test_it_never_touches_a_file_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SECRET_KEY=mine\n")
    assert not write_first(path)
    assert path.read_text() == "SECRET_KEY=mine\n"
