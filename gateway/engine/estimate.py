"""How many tokens a call may cost, before anybody has counted them."""

from __future__ import annotations

from typing import Final

from gateway.engine.types import ChatRequest

# A token is about four bytes of English and about three of Chinese; erring upwards is safe,
# for what was reserved in excess is given back.
BYTES_PER_TOKEN: Final = 3
TOKENS_PER_MESSAGE: Final = 4
DEFAULT_OUTPUT_TOKENS: Final = 1024


def text_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


def prompt_tokens(request: ChatRequest) -> int:
    """Return about how many tokens a request's prompt has."""
    return sum(text_tokens(message.content) + TOKENS_PER_MESSAGE for message in request.messages)


def request_tokens(request: ChatRequest) -> int:
    """Return about how many tokens a call may cost at most: its prompt and its longest answer."""
    output = request.max_output_tokens
    return prompt_tokens(request) + (DEFAULT_OUTPUT_TOKENS if output is None else output)
