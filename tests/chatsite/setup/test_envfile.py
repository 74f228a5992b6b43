from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsite.dotenv import problems
from chatsite.environment import Environment
from chatsite.setup.envfile import file_write, line_write, text_merge

VALUES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\x00")
)


def read(text: str, path: Path) -> dict[str, str]:
    class Fresh(Environment):
        ENVIRON: dict[str, str] = {}

    Fresh.ENVIRON = {}
    path.write_text(text, encoding="utf-8")
    Fresh().read_file(path)
    return Fresh.ENVIRON


@given(value=VALUES)
def test_whatever_is_written_is_read_again(
    value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = text_merge("# Mine\nPORT=8123\n", {"PASSWORD": value})
    assert list(problems(text.encode())) == []
    path = tmp_path_factory.getbasetemp() / "written.env"
    assert read(text, path) == {"PORT": "8123", "PASSWORD": value}


@pytest.mark.parametrize("value", ["two\nlines", "end\n", "\r", "a\u2028b"])
def test_a_value_is_one_line(value: str) -> None:
    with pytest.raises(ValueError, match="PASSWORD has a line break") as refused:
        line_write("PASSWORD", value)
    assert value not in str(refused.value)


def test_what_people_have_written_stays() -> None:
    before = "# Mine\nexport PORT=8123\n\n# OPENAI_MODEL=none\nDEBUG=false\n"
    after = text_merge(before, {"PORT": "1", "OPENAI_MODEL": "gpt"})
    assert after == "# Mine\nPORT=1\n\n# OPENAI_MODEL=none\nDEBUG=false\n\nOPENAI_MODEL=gpt\n"


def test_writing_the_same_again_changes_nothing() -> None:
    once = text_merge("", {"A": "1", "B": "two words"})
    assert once == 'A=1\nB="two words"\n'
    assert text_merge(once, {"A": "1", "B": "two words"}) == once


def test_only_its_owner_reads_it_whatever_it_was_before(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o644)
    file_write(path, "A=2\n")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("A=2\n", 0o600)
    assert [found.name for found in tmp_path.iterdir()] == [".env"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        file_write(path, "A=2\n")
    assert [found.name for found in tmp_path.iterdir()] == [".env"]
