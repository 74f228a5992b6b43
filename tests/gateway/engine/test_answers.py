from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.answers import AnswerReader
from gateway.engine.errors import (
    NotACompletionError,
    OverloadedError,
    StreamBrokenError,
    ThrottledError,
    UpstreamError,
)
from gateway.engine.providers import DIALECTS
from gateway.engine.types import Finished, FinishReason, Usage
from tests.gateway.engine.upstreams import GOOD_STREAM, STOP, USAGE, events, word


def read(*pieces: bytes, dialect: str = "openai") -> tuple[str, Finished]:
    reader = AnswerReader(DIALECTS[dialect])
    texts = [text for piece in pieces for text in reader.feed(piece)]
    rest, finished = reader.end()
    return "".join([*texts, *rest]), finished


def delta(**fields: object) -> dict[str, object]:
    return {"choices": [{"delta": fields}]}


@given(cuts=st.lists(st.integers(0, len(GOOD_STREAM)), max_size=10).map(sorted))
def test_any_split_of_the_bytes_gives_the_same_answer(cuts: list[int]) -> None:
    pieces = [GOOD_STREAM[a:b] for a, b in pairwise([0, *cuts, len(GOOD_STREAM)])]

    assert read(*pieces) == ("We ship there.", Finished(FinishReason.STOP, Usage(7, 3)))


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("model_length", FinishReason.LENGTH),
        ("content_filter", FinishReason.FILTERED),
        ("sensitive", FinishReason.FILTERED),
    ],
)
def test_it_knows_every_vendors_finish_reasons(reason: str, ours: FinishReason) -> None:
    _, finished = read(events(word("We"), {"choices": [{"finish_reason": reason}]}))

    assert finished.reason is ours


@pytest.mark.parametrize("reason", ["network_error", "error", "tool_calls", 7])
def test_a_reason_it_does_not_know_is_no_success(reason: object) -> None:
    with pytest.raises(StreamBrokenError):
        read(events(word("We"), {"choices": [{"finish_reason": reason}]}))


@pytest.mark.parametrize(
    ("frames", "usage"),
    [
        ([{"choices": [{"usage": {"prompt_tokens": 1, "completion_tokens": 2}}]}], Usage(1, 2)),
        ([USAGE, {"choices": [], "usage": None}], Usage(7, 3)),
        ([USAGE, {"usage": {"prompt_tokens": 0, "completion_tokens": 0}}], Usage(0, 0)),
        ([{"usage": {"prompt_tokens": 5}}], Usage(5, 0)),
        ([{"usage": {"prompt_tokens": -5, "completion_tokens": -1}}], Usage(0, 0)),
        ([{"usage": "many"}], None),
        ([{"usage": {"prompt_tokens": 10**20, "completion_tokens": 1}}], None),
        ([USAGE, {"usage": {"prompt_tokens": 7, "completion_tokens": 10**9}}], Usage(7, 3)),
        ([], None),
    ],
)
def test_it_finds_usage_wherever_it_is_and_the_last_wins(
    frames: list[dict[str, object]], usage: Usage | None
) -> None:
    assert read(events(word("We"), STOP, *frames))[1].usage == usage


def test_thoughts_are_signs_of_life_and_not_text() -> None:
    reader = AnswerReader(DIALECTS["deepseek"])
    texts = reader.feed(events(delta(reasoning_content="Norway?"), delta(reasoning="Norway!")))

    assert (texts, reader.signs) == ([], 2)


def test_thoughts_spoken_aloud_are_hidden_where_models_do_so() -> None:
    said = events(word("<think>Nor"), word("way?</think>"), word("Yes."), STOP)

    assert read(said, dialect="zhipu")[0] == "Yes."
    assert read(said, dialect="openai")[0] == "<think>Norway?</think>Yes."


def test_text_held_back_as_a_thought_is_given_at_the_end() -> None:
    assert read(events(word("<thi"), STOP), dialect="zhipu")[0] == "<thi"


def test_keep_alives_are_no_sign_of_life() -> None:
    reader = AnswerReader(DIALECTS["openai"])
    reader.feed(b": keep-alive\n\n" + events(delta(role="assistant"), delta(content="")))

    assert reader.signs == 0


def test_nothing_counts_after_the_end_marker() -> None:
    assert read(events(word("We"), STOP, "[DONE]", word("more")))[0] == "We"


@pytest.mark.parametrize(
    "frame",
    [
        {"error": {"code": "server_is_overloaded"}},
        {"error": {"code": "server_is_overloaded"}, "choices": [{"finish_reason": "error"}]},
        {"object": "error", "code": "server_is_overloaded", "message": ""},
    ],
)
def test_an_error_in_the_stream_is_an_error(frame: dict[str, object]) -> None:
    with pytest.raises(OverloadedError):
        read(events(word("We"), frame))


@pytest.mark.parametrize("data", ['{"code": 429, "message": "no"}', '{"error": {"code": 429}}'])
def test_an_error_field_is_an_error(data: str) -> None:
    with pytest.raises(ThrottledError):
        read(f"error: {data}\n\n".encode())


def test_an_error_field_in_plain_words_is_an_error() -> None:
    with pytest.raises(UpstreamError):
        read(b"error: out of memory\n\n")


def test_an_empty_error_beside_a_choice_is_none() -> None:
    assert read(events({**word("We"), "error": None}, STOP))[0] == "We"


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "7",
        '{"choices": []} {}',
        {"choices": "none"},
        {"choices": [7]},
        delta(content=7),
        '"' + "x" * 10,
    ],
)
def test_what_is_no_chunk_is_no_completion(frame: object) -> None:
    with pytest.raises(NotACompletionError):
        read(events(frame))


def test_parts_of_other_types_are_left_out() -> None:
    parts = [{"type": "text", "text": "We"}, {"type": "text", "text": 7}, {"type": "image"}, "?"]

    assert read(events(delta(content=parts), STOP))[0] == "We"


def test_an_answer_that_does_not_end_is_cut_off() -> None:
    reader = AnswerReader(DIALECTS["openai"], max_characters=100)

    with pytest.raises(StreamBrokenError, match="longer than 100"):
        reader.feed(events(*(delta(reasoning="x" * 30) for _ in range(4))))


@pytest.mark.parametrize("body", [b"\xff", b"", b"<html>", b"null", json.dumps(STOP).encode()])
def test_a_body_that_is_no_whole_answer_is_refused(body: bytes) -> None:
    with pytest.raises((NotACompletionError, StreamBrokenError)):
        AnswerReader(DIALECTS["openai"]).whole(body)


def test_a_last_event_that_was_cut_is_still_refused_if_it_is_bad() -> None:
    reader = AnswerReader(DIALECTS["openai"])
    reader.feed(b"data: \xff")

    with pytest.raises(StreamBrokenError, match="UTF-8"):
        reader.end()
