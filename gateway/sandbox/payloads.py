"""The JSON of chat completions: what a call asks for, and the objects that answer it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gateway.sandbox.answers import Turn

MODELS = ("sandbox-1",)

_ROLES = ("system", "developer", "user", "assistant")
_PIECE = re.compile(
    r"\s*[\u3400-\u9fff\uf900-\ufaff]{1,2}[,.!?:;，。！？：；、]*|\s*[^\s\u3400-\u9fff]+|\s+\Z"
)


class InvalidCallError(Exception):
    """The call makes no sense; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call, read and checked."""

    model: str
    chat: tuple[Turn, ...]
    max_tokens: int | None
    is_stream: bool
    has_usage: bool

    @property
    def question(self) -> str:
        """What the customer said last."""
        return next((turn.content for turn in reversed(self.chat) if turn.role == "user"), "")


def asked_read(body: bytes) -> Asked:
    """Read the body of a call.

    Raises:
        InvalidCallError: It is not a chat completion's request.
    """
    try:
        call = json.loads(body)
    except ValueError:
        raise InvalidCallError("The body is not JSON.") from None
    if not isinstance(call, dict) or not isinstance(call.get("model"), str):
        raise InvalidCallError("The model is missing.")
    messages = call.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidCallError("The messages are missing.")
    limit = call.get("max_completion_tokens") or call.get("max_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise InvalidCallError("The token limit must be a positive integer.")
    options = call.get("stream_options")
    return Asked(
        model=call["model"],
        chat=tuple(_turn(message) for message in messages),
        max_tokens=limit,
        is_stream=call.get("stream") is True,
        has_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def _turn(message: object) -> Turn:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise InvalidCallError("A message has no known role.")
    if not isinstance(message.get("content"), str):
        raise InvalidCallError("A message has no text.")
    role = "system" if message["role"] == "developer" else message["role"]
    return Turn(role, message["content"])


def pieces(text: str) -> list[str]:
    """Return a text in the pieces it is said in: words, or one to two Chinese characters."""
    return _PIECE.findall(text)


def usage(asked: Asked, said: int) -> dict[str, int]:
    """Return the usage object: a piece is a token, which is near enough for a stand-in."""
    prompt = sum(len(pieces(turn.content)) + 4 for turn in asked.chat)
    return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}


def completion(
    head: Mapping[str, Any], text: str, *, finish: str, used: Mapping[str, int]
) -> dict[str, Any]:
    """Return a whole answer."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
    }
    return {**head, "object": "chat.completion", "choices": [choice], "usage": used}


def chunk(
    head: Mapping[str, Any], delta: Mapping[str, str], *, finish: str | None = None
) -> dict[str, Any]:
    """Return one chunk of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**head, "object": "chat.completion.chunk", "choices": [choice]}


def chunk_usage(head: Mapping[str, Any], used: Mapping[str, int]) -> dict[str, Any]:
    """Return the chunk that carries no text but what was used."""
    return {**head, "object": "chat.completion.chunk", "choices": [], "usage": used}


def models(created: int) -> dict[str, Any]:
    """Return the list of models."""
    rows = [
        {"id": name, "object": "model", "created": created, "owned_by": "chatsite"}
        for name in MODELS
    ]
    return {"object": "list", "data": rows}


def error(status: int, message: str) -> dict[str, Any]:
    """Return an error object as OpenAI shapes it for this status."""
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    otherwise = ("server_error" if is_ours else "invalid_request_error", None)
    kind, code = _ERRORS.get(status, otherwise)
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


_ERRORS: dict[int, tuple[str, str | None]] = {
    401: ("invalid_request_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    503: ("server_error", "server_is_overloaded"),
}
