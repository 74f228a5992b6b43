from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.engine.journal import Journal, JournalError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text('"a"\n"b"\n"c"\n', encoding="utf-8")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def indexes(target: Path) -> list[int]:
    return [json.loads(line)["index"] for line in target.read_text(encoding="utf-8").splitlines()]


def test_results_end_up_in_the_order_of_the_input(source: Path, target: Path) -> None:
    journal = Journal(source, target)
    for index in (2, 0, 1):
        journal.add(index, {"text": "好"})

    assert not target.exists()
    assert journal.close(3)
    assert indexes(target) == [0, 1, 2]
    assert "好" in target.read_text(encoding="utf-8")
    assert {path.name for path in target.parent.iterdir()} == {"in.jsonl", "out.jsonl"}


def test_after_a_crash_finished_lines_are_known_and_failed_ones_are_not(
    source: Path, target: Path
) -> None:
    crashed = Journal(source, target)  # never closed, as in a crash
    crashed.add(1, {"text": "b"})
    crashed.add(2, {"error": "transient"})

    with Journal(source, target) as journal:
        assert journal.finished == {1}
        journal.add(0, {"text": "a"})
        journal.add(2, {"text": "c"})
        assert journal.close(3)
    assert indexes(target) == [0, 1, 2]
    crashed.close(99)


@pytest.mark.parametrize("torn", ['{"index": 0, "te', "\ufffd"])
def test_a_line_that_was_torn_by_a_crash_is_asked_again(
    torn: str, source: Path, target: Path
) -> None:
    with Journal(source, target) as journal:
        journal.add(1, {"text": "b"})
    part = target.with_name("out.jsonl.part")
    part.write_text(part.read_text(encoding="utf-8") + torn, encoding="utf-8")

    with Journal(source, target) as journal:
        assert journal.finished == {1}
        journal.add(0, {"text": "a"})
    with Journal(source, target) as journal:
        assert journal.finished == {0, 1}


def test_a_journal_whose_first_line_was_torn_begins_anew(source: Path, target: Path) -> None:
    target.with_name("out.jsonl.part").write_text('{"inp', encoding="utf-8")

    with Journal(source, target) as journal:
        journal.add(0, {"text": "a"})
    with Journal(source, target) as journal:
        assert journal.finished == {0}


def test_what_is_incomplete_is_not_put_in_order(source: Path, target: Path) -> None:
    journal = Journal(source, target)
    journal.add(0, {"text": "a"})

    assert not journal.close(3)
    assert not target.exists()


def test_a_journal_of_another_input_is_refused(source: Path, target: Path) -> None:
    with Journal(source, target):
        source.write_text('"other"\n', encoding="utf-8")

    with pytest.raises(JournalError, match="another input"):
        Journal(source, target)
