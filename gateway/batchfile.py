"""A batch as files: lines of JSON in, lines of JSON out, and a journal in between.

A line asks by ``prompt`` or by ``messages``, with ``system``, ``id``, ``to`` (provider/model),
``temperature`` and ``max_output_tokens`` as it likes. The journal holds each result from the
moment it is there, so that what was paid for is never asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

from gateway.engine.errors import GatewayError
from gateway.engine.types import ChatMessage, ChatRequest, Completion, Role, Target


class InvalidLineError(Exception):
    """A line of the batch makes no sense; the message says why."""


def request_read(line: str, route: tuple[Target, ...]) -> ChatRequest:
    """Return what a line asks for.

    Args:
        line: One JSON object.
        route: Where it goes unless it says so itself.

    Raises:
        InvalidLineError: It is not such an object.
    """
    asked = _object(line)
    numbers = {"temperature": (int, float), "max_output_tokens": (int,)}
    for name, kinds in numbers.items():
        value = asked.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise InvalidLineError(f"{name} is not a number")
    return ChatRequest(
        messages=_messages(asked),
        route=_route(asked.get("to")) or route,
        temperature=asked.get("temperature"),
        max_output_tokens=asked.get("max_output_tokens"),
        labels={"conversation": "batch"},
    )


def result_of(line: str, outcome: Completion | GatewayError | InvalidLineError) -> dict[str, Any]:
    """Return what is written for a line: its answer, or its error."""
    try:
        name = {"id": _object(line)["id"]}
    except (InvalidLineError, KeyError):
        name = {}
    if isinstance(outcome, InvalidLineError):
        return {**name, "error": {"code": "invalid_line", "detail": str(outcome)}}
    if isinstance(outcome, GatewayError):
        return {**name, "error": {"code": outcome.code, "detail": outcome.detail}}
    usage = outcome.usage
    return {
        **name,
        "text": outcome.text,
        "provider": outcome.target.provider,
        "model": outcome.target.model,
        "finish_reason": outcome.reason,
        "prompt_tokens": usage and usage.prompt_tokens,
        "completion_tokens": usage and usage.completion_tokens,
    }


class Journal:
    """The results so far, on disk beside the output.

    Args:
        output: Where the results go in the end.
        lines: The batch; a line that has changed since is asked again.
    """

    def __init__(self, output: Path, lines: Sequence[str]) -> None:
        self.results: dict[int, dict[str, Any]] = {}
        self._output = output
        self._path = output.with_name(f"{output.name}.journal")
        self._lines = lines
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        """Read what an earlier run has left; its failures are tried again."""
        if self._path.exists():
            for entry in self._path.read_text(encoding="utf-8").splitlines():
                self._remember(entry)
        self._file = self._path.open("a", encoding="utf-8")
        self._file.write("\n")  # a crash may have left half a line
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def keep(self, index: int, result: dict[str, Any]) -> None:
        """Keep a result; once this returns, a crash does not lose it."""
        if self._file is None:
            raise RuntimeError("The journal is not open.")
        self.results[index] = result
        entry = {"index": index, "of": _digest(self._lines[index]), "result": result}
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Write all results in the order of the lines, and end the journal."""
        draft = self._output.with_name(f"{self._output.name}.draft")
        with draft.open("w", encoding="utf-8") as file:
            for index in range(len(self._lines)):
                file.write(json.dumps(self.results[index], ensure_ascii=False) + "\n")
        draft.replace(self._output)
        self._path.unlink()

    def _remember(self, entry: str) -> None:
        try:
            kept = json.loads(entry)
        except ValueError:
            return  # an empty line, or one that a crash cut off
        index, result = kept["index"], kept["result"]
        if index < len(self._lines) and kept["of"] == _digest(self._lines[index]):
            if "error" in result:
                self.results.pop(index, None)
            else:
                self.results[index] = result


def _object(line: str) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError:
        raise InvalidLineError("it is not JSON") from None
    if not isinstance(asked, dict):
        raise InvalidLineError("it is not an object")
    return asked


def _messages(asked: Mapping[str, Any]) -> tuple[ChatMessage, ...]:
    messages: Any = asked.get("messages")
    if messages is None:
        messages = [{"role": "user", "content": asked.get("prompt")}]
    if asked.get("system") is not None:
        messages = [{"role": "system", "content": asked["system"]}, *messages]
    try:
        read = tuple(ChatMessage(Role(item["role"]), item["content"]) for item in messages)
    except (KeyError, TypeError, ValueError):
        raise InvalidLineError("messages need a known role and a content each") from None
    if not read or not all(_is_text(item.content) for item in read):
        raise InvalidLineError("there is nothing to ask: prompt or messages is empty")
    return read


def _is_text(content: object) -> bool:
    return isinstance(content, str) and bool(content.strip())


def _route(to: object) -> tuple[Target, ...]:
    if to is None:
        return ()
    provider, slash, model = to.partition("/") if isinstance(to, str) else ("", "", "")
    if not slash:
        raise InvalidLineError("to is not a provider and a model, as in openai/gpt-4.1-mini")
    return (Target(provider, model),)


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()[:16]
