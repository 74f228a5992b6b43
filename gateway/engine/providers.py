"""The table of dialects: how each provider differs from OpenAI in what it is sent.

What comes back is read by ``answers.py`` (good) and ``failures.py`` (bad).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlsplit

from gateway.engine.errors import InvalidRequestError
from gateway.engine.types import ChatRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one kind of provider is spoken to.

    Args:
        key_header: The header that carries the key, and what stands before the key in it.
        token_field: The name of the output limit.
        asks_usage: Whether a stream must be asked for its token counts.
        sends_temperature: Whether the field may be sent at all.
        hides_thinking: Whether models may think aloud in ``<think>`` at the start of the text.
        ambiguous_quota: Whether ``insufficient_quota`` may also mean too many tokens a minute.
    """

    key_header: tuple[str, str] = ("Authorization", "Bearer ")
    token_field: str = "max_tokens"  # noqa: S105  # tokens of text
    asks_usage: bool = True
    sends_temperature: bool = True
    hides_thinking: bool = False
    ambiguous_quota: bool = False


_NEW_TOKEN_FIELD: Final = "max_completion_tokens"  # noqa: S105  # tokens of text

DIALECTS: Final[dict[str, Dialect]] = {
    "openai": Dialect(token_field=_NEW_TOKEN_FIELD),
    "azure": Dialect(key_header=("api-key", ""), token_field=_NEW_TOKEN_FIELD),
    "deepseek": Dialect(),
    "qwen": Dialect(ambiguous_quota=True),
    "zhipu": Dialect(hides_thinking=True),
    "moonshot": Dialect(),
    # Mistral refuses fields it does not know, and counts without being asked.
    "mistral": Dialect(asks_usage=False),
    "openrouter": Dialect(asks_usage=False),
    "ollama": Dialect(hides_thinking=True),
    "vllm": Dialect(hides_thinking=True),
    "llamacpp": Dialect(hides_thinking=True),
}


def completions_url(base_url: str, model: str) -> str:
    """Return where chat completions are posted to.

    A base URL is opaque: its query (Azure's ``api-version``) is kept, and ``{model}`` in its
    path (Azure's deployments) is replaced.
    """
    parts = urlsplit(base_url)
    path = parts.path.replace("{model}", quote(model, safe="")).rstrip("/") + "/chat/completions"
    return parts._replace(path=path).geturl()


def models_url(base_url: str) -> str:
    """Return where the list of models is read; a base URL's query is kept."""
    parts = urlsplit(base_url)
    return parts._replace(path=parts.path.rstrip("/") + "/models").geturl()


def request_headers(dialect: Dialect, secret: str, call_id: str, *, stream: bool) -> dict[str, str]:
    """Return the headers of one attempt; ``call_id`` is the same for all attempts of a call."""
    name, prefix = dialect.key_header
    return {
        name: prefix + secret,
        "Content-Type": "application/json",
        "Accept": "text/event-stream" if stream else "application/json",
        "Idempotency-Key": call_id,
        "User-Agent": "chatsite",
        # Compression would hold words back, and let a small body become a large one.
        "Accept-Encoding": "identity",
    }


def request_body(dialect: Dialect, request: ChatRequest, model: str, *, stream: bool) -> bytes:
    """Return the JSON body of one attempt."""
    body: dict[str, object] = {
        "model": model,
        "messages": [
            {"role": message.role.value, "content": message.content} for message in request.messages
        ],
    }
    if request.temperature is not None and dialect.sends_temperature:
        body["temperature"] = request.temperature
    if request.max_output_tokens is not None:
        body[dialect.token_field] = request.max_output_tokens
    if stream:
        body["stream"] = True
        if dialect.asks_usage:
            body["stream_options"] = {"include_usage": True}
    # A lone surrogate cannot travel; a question mark is what the model then reads.
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


_OTHER_TOKEN_FIELD = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}


def dialect_without(dialect: Dialect, complaint: InvalidRequestError) -> Dialect | None:
    """Return the dialect that avoids what a provider complained about, or None.

    Older servers know only ``max_tokens``, newer models only ``max_completion_tokens``; some
    models take no temperature, some servers no ``stream_options``.
    """
    match complaint.parameter:
        case "max_tokens" | "max_completion_tokens" as field if field == dialect.token_field:
            return replace(dialect, token_field=_OTHER_TOKEN_FIELD[field])
        case "temperature" if dialect.sends_temperature:
            return replace(dialect, sends_temperature=False)
        case "stream_options" if dialect.asks_usage:
            return replace(dialect, asks_usage=False)
        case _:
            return None
