from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.batchfile import InvalidLineError, Journal, request_read, result_of
from gateway.engine.errors import ThrottledError
from gateway.engine.types import (
    ChatMessage,
    Completion,
    FinishReason,
    Role,
    Target,
    Usage,
)

ROUTE = (Target("openai", "m-1"),)
LINES = ['{"prompt": "one"}', '{"prompt": "two"}', '{"prompt": "three"}']


def read(**asked: Any) -> Any:
    return request_read(json.dumps(asked), ROUTE)


def test_a_prompt_is_a_question() -> None:
    request = read(prompt="Hi")
    assert request.messages == (ChatMessage(Role.USER, "Hi"),)
    assert request.route == ROUTE


def test_messages_instructions_and_settings_are_taken() -> None:
    request = read(
        system="Be kind.",
        messages=[{"role": "user", "content": "Hi"}],
        to="azure/gpt/4",
        temperature=0.5,
        max_output_tokens=7,
    )
    assert request.messages[0] == ChatMessage(Role.SYSTEM, "Be kind.")
    assert request.route == (Target("azure", "gpt/4"),)
    assert (request.temperature, request.max_output_tokens) == (0.5, 7)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"prompt": ""}',
        '{"prompt": 7}',
        '{"messages": []}',
        '{"messages": "Hi"}',
        '{"messages": [{"role": "wizard", "content": "Hi"}]}',
        '{"prompt": "Hi", "to": "openai"}',
        '{"prompt": "Hi", "temperature": "hot"}',
        '{"prompt": "Hi", "max_output_tokens": true}',
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(InvalidLineError):
        request_read(line, ROUTE)


def test_an_answer_carries_the_lines_own_id() -> None:
    answer = Completion("Hello", ROUTE[0], FinishReason.STOP, Usage(3, 1))
    assert result_of('{"id": 7, "prompt": "Hi"}', answer) == {
        "id": 7,
        "text": "Hello",
        "provider": "openai",
        "model": "m-1",
        "finish_reason": "stop",
        "prompt_tokens": 3,
        "completion_tokens": 1,
    }


def test_an_error_carries_its_code() -> None:
    assert result_of("{}", ThrottledError("slow down"))["error"]["code"] == "throttled"
    assert result_of("oops", InvalidLineError("why"))["error"]["code"] == "invalid_line"


def test_results_are_written_in_the_order_of_the_lines(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    with Journal(output, LINES) as journal:
        for index in (2, 0, 1):
            journal.keep(index, {"text": str(index)})
        journal.finish()
    assert [json.loads(line)["text"] for line in output.read_text().splitlines()] == ["0", "1", "2"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_journal_goes_on_where_a_crash_left_it(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    with Journal(output, LINES) as journal:
        journal.keep(0, {"text": "paid"})
        journal.keep(1, {"error": {"code": "transient"}})
    with output.with_name("out.jsonl.journal").open("a") as file:
        file.write('{"index": 2, "of": "cut o')
    with Journal(output, LINES) as journal:
        assert journal.results == {0: {"text": "paid"}}
        journal.keep(1, {"text": "again"})
    with Journal(output, LINES) as journal:
        assert journal.results == {0: {"text": "paid"}, 1: {"text": "again"}}


def test_a_line_that_has_changed_is_asked_again(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    with Journal(output, LINES) as journal:
        journal.keep(0, {"text": "paid"})
    with Journal(output, ['{"prompt": "another"}']) as journal:
        assert journal.results == {}
