"""A provider's answer, bytes to text, no I/O: what is good in it, and where it goes wrong.

An answer is complete only with a finish reason that we know; an end without one, an error inside
HTTP 200, an answer without a word are failures, whatever the provider calls them.
"""

from __future__ import annotations

import json
from typing import Any, Final

from gateway.engine.errors import (
    FilteredError,
    NotACompletionError,
    OverloadedError,
    StreamBrokenError,
    UpstreamError,
)
from gateway.engine.failures import complaint_read, failure_classify
from gateway.engine.providers import Dialect
from gateway.engine.sse import SseError, SseEvent, SseParser
from gateway.engine.text import TextMender, ThinkingFilter
from gateway.engine.types import Finished, FinishReason, Usage

MAX_ANSWER_CHARACTERS: Final = 1_000_000
# No call costs a tenth of it; a provider that counts more counts wrong, and nobody could pay that.
_MOST_TOKENS: Final = 100_000_000

# json.loads without its look-arounds: there is one frame for every word of every answer.
_decode: Final = json.JSONDecoder().raw_decode

_REASONS: Final = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "content_filter": FinishReason.FILTERED,
    "sensitive": FinishReason.FILTERED,
}


class AnswerReader:
    """Reads one answer, streamed or whole.

    Args:
        dialect: Of the provider that answers.
        max_characters: An answer that does not end is cut off here, as broken.
    """

    def __init__(self, dialect: Dialect, max_characters: int = MAX_ANSWER_CHARACTERS) -> None:
        self._dialect = dialect
        self._max = max_characters
        self._sse = SseParser()
        self._mender = TextMender()
        self._thinking = ThinkingFilter() if dialect.hides_thinking else None
        self._reason: FinishReason | None = None
        self._usage: Usage | None = None
        self._characters = 0
        self._has_text = False
        self.signs = 0
        self.is_done = False

    @property
    def is_finishing(self) -> bool:
        """Whether the finish reason has come, so that only usage may still follow."""
        return self._reason is not None

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes of a stream and return the visible pieces of text in them.

        ``signs`` counts frames in which the model did something, thinking included; keep-alives
        are none. ``is_done`` tells that the end marker came.

        Raises:
            UpstreamError: The stream went bad.
        """
        try:
            return self._texts(self._sse.feed(data))
        except SseError as error:
            raise StreamBrokenError(str(error)) from None

    def end(self) -> tuple[list[str], Finished]:
        """Take the end of a stream; return what was still held back, and how it finished.

        Raises:
            UpstreamError: The stream was not complete.
        """
        try:
            texts = self._texts(self._sse.close())
        except SseError as error:
            raise StreamBrokenError(str(error)) from None
        return self._finish(texts)

    def whole(self, body: bytes) -> tuple[list[str], Finished]:
        """Take the body of an answer that was not streamed.

        Raises:
            UpstreamError: It holds no complete answer.
        """
        texts: list[str] = []
        try:
            self._frame(_json(body.decode()), texts)
        except UnicodeDecodeError:
            raise NotACompletionError("the answer is not UTF-8") from None
        return self._finish(texts)

    def _texts(self, events: list[SseEvent]) -> list[str]:
        texts: list[str] = []
        for event in events:
            if event.data == "[DONE]":
                self.is_done = True
            elif event.name == "error":
                raise self._failure(event.data)
            elif not self.is_done:
                self._frame(_json(event.data), texts)
        return texts

    def _frame(self, payload: object, texts: list[str]) -> None:
        if not isinstance(payload, dict):
            raise NotACompletionError("a frame is not a JSON object")
        if "choices" not in payload or "error" in payload:
            said = complaint_read(payload)
            if said is not None:
                raise failure_classify(self._dialect, said, status=None)
        if (usage := payload.get("usage")) is not None:
            self._count(usage)
        choices = payload.get("choices")
        if not choices:
            return
        if not isinstance(choices, list) or not isinstance(choices[0], dict):
            raise NotACompletionError("choices are not a list of objects")
        self._choice(choices[0], texts)

    def _choice(self, choice: dict[str, Any], texts: list[str]) -> None:
        if (usage := choice.get("usage")) is not None:
            self._count(usage)
        delta = choice.get("delta")
        if delta is None:
            delta = choice.get("message")
        if isinstance(delta, dict):
            self._delta(delta, texts)
        reason = choice.get("finish_reason")
        if reason is not None and self._reason is None:
            self._reason = _reason(reason)
            self.signs += 1

    def _delta(self, delta: dict[str, Any], texts: list[str]) -> None:
        content = delta.get("content")
        if content:
            self.signs += 1
            text = content if isinstance(content, str) else _joined(content)
            self._characters += len(text)
            if self._thinking is not None:
                text = self._thinking.feed(text)
            text = self._mender.feed(text)
            if text:
                self._has_text = self._has_text or not text.isspace()
                texts.append(text)
        else:
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            if not thought:
                return
            self.signs += 1
            self._characters += len(thought) if isinstance(thought, str) else 1
        if self._characters > self._max:
            raise StreamBrokenError(f"the answer is longer than {self._max} characters")

    def _count(self, usage: object) -> None:
        match usage:
            case {"prompt_tokens": int(prompt), "completion_tokens": int(completion)}:
                pass
            case {"prompt_tokens": int(prompt)}:
                completion = 0
            case _:
                return
        if max(prompt, completion) <= _MOST_TOKENS:
            self._usage = Usage(max(prompt, 0), max(completion, 0))

    def _finish(self, texts: list[str]) -> tuple[list[str], Finished]:
        rest = (self._thinking.end() if self._thinking else "") + self._mender.end()
        if rest:
            self._has_text = self._has_text or not rest.isspace()
            texts.append(rest)
        if self._reason is None:
            raise StreamBrokenError("the answer ended without a finish reason")
        if not self._has_text:
            if self._reason is FinishReason.FILTERED:
                raise FilteredError("the provider's filter let nothing through")
            raise StreamBrokenError("the answer has no text")
        return texts, Finished(self._reason, self._usage)

    def _failure(self, data: str) -> UpstreamError:
        try:
            payload: object = json.loads(data)
        except (ValueError, RecursionError):
            payload = data
        said = complaint_read(payload) or complaint_read({"error": payload})
        return failure_classify(self._dialect, said, status=None)


def _reason(reason: object) -> FinishReason:
    if isinstance(reason, str) and reason in _REASONS:
        return _REASONS[reason]
    if reason == "insufficient_system_resource":
        raise OverloadedError("the provider ran out of resources mid-answer")
    raise StreamBrokenError("the answer ended for a reason that is no success")


def _joined(content: object) -> str:
    """Return the visible text of a list of typed parts, as Mistral sends it."""
    if not isinstance(content, list):
        raise NotACompletionError("content is neither text nor a list")
    return "".join(
        part["text"]
        for part in content
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part["text"], str)
    )


def _json(text: str) -> object:
    text = text.strip()
    try:
        value, end = _decode(text)
    except (ValueError, RecursionError):
        raise NotACompletionError("a frame is not JSON") from None
    if end != len(text):
        raise NotACompletionError("a frame is more than one JSON value")
    return value
