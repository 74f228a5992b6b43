"""The frames between browser and site, as values; ``docs/protocol.md`` tells their story."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypeVar
from uuid import UUID

from conversations.chat.attributes import Attributes, attributes_read
from conversations.chat.streamlog import Cursor, Delta, Snapshot
from conversations.chat.text import page_clean, text_clean
from conversations.errors import (
    ConversationError,
    InvalidFrameError,
    UnknownFrameError,
    UnverifiedError,
)
from conversations.models import RatingReason, RatingValue

PROTOCOL = 1
LOCALE_CHARACTERS = 16
COMMENT_CHARACTERS = 500
# Two for each time that somebody signed out while the site could not be reached.
REVOKED_AT_ONCE = 16
LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")

Frame: TypeAlias = dict[str, Any]
C = TypeVar("C", RatingValue, RatingReason)


@dataclass(frozen=True, slots=True)
class Hello:
    """Who speaks, and how much they know already."""

    protocol: int
    token: str | None
    conversation: UUID | Literal["latest", "new"]
    revision: int
    position: int | None
    cursor: Cursor | None
    locale: str
    page: str
    session: str | None = None
    identity: str | None = None
    revoke: tuple[str, ...] = ()
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """A message from the customer."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The customer has heard enough."""

    position: int


@dataclass(frozen=True, slots=True)
class Retry:
    """The customer wants another attempt."""

    position: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What the customer thinks of an answer; without a value they take it back."""

    position: int
    value: RatingValue | None
    reason: RatingReason | None
    comment: str


@dataclass(frozen=True, slots=True)
class History:
    """The customer scrolls up."""

    before: int


@dataclass(frozen=True, slots=True)
class Note:
    """The embedding page has something to say of the conversation."""

    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Conversations:
    """The customer looks for an earlier conversation, last active before a moment."""

    before: datetime | None


@dataclass(frozen=True, slots=True)
class Join:
    """The customer wants what this browser said before in their own history."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Is anybody there?"""


Command: TypeAlias = (
    Hello | Send | Stop | Retry | Rate | History | Conversations | Note | Join | Ping
)


def frame_read(text: str) -> Command:
    """Return what a client's frame asks for.

    Raises:
        InvalidFrameError: It is not JSON, not an object, or a field is of the wrong kind.
        UnknownFrameError: Its type is not in the protocol.
    """
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidFrameError from error
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise InvalidFrameError
    read = _READERS.get(frame["type"])
    if read is None:
        raise UnknownFrameError
    return read(frame)


def frame_write(frame: Frame) -> str:
    """Return a frame as the text that goes over the wire."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def error_frame(error: ConversationError, message_id: UUID | None = None) -> Frame:
    """Return an error as the client is told of it."""
    return {
        "type": "error",
        "code": error.code,
        "text": str(error.text),
        "id": str(message_id) if message_id else None,
        "retry_after": error.retry_after,
        **({"hint": error.hint} if isinstance(error, UnverifiedError) else {}),
    }


def words_frame(position: int, words: Delta | Snapshot) -> Frame:
    """Return what the reply at ``position`` says: new words, or all there are so far."""
    return {
        "type": "reply.delta" if isinstance(words, Delta) else "reply.snapshot",
        "position": position,
        "attempt": words.attempt,
        "offset": words.offset,
        "text": words.text,
        "blocks": [{"end": block.end, "html": block.html} for block in words.blocks],
    }


def _hello(frame: Mapping[str, Any]) -> Hello:
    position, cursor = _cursor(frame.get("cursor"))
    return Hello(
        protocol=_natural(frame, "protocol"),
        token=_text_or_none(frame, "token"),
        conversation=_conversation(frame.get("conversation", "latest")),
        revision=_natural(frame, "revision", 0),
        position=position,
        cursor=cursor,
        locale=_locale(_text_or_none(frame, "locale") or ""),
        page=page_clean(_text_or_none(frame, "page") or ""),
        attributes=attributes_read(frame.get("attributes")),
        session=_text_or_none(frame, "session"),
        identity=_text_or_none(frame, "identity"),
        revoke=_texts(frame.get("revoke")),
    )


def _send(frame: Mapping[str, Any]) -> Send:
    return Send(_uuid(frame.get("id")), _text(frame, "text"))


def _rate(frame: Mapping[str, Any]) -> Rate:
    comment = text_clean(_text_or_none(frame, "comment") or "")
    if len(comment) > COMMENT_CHARACTERS:
        raise InvalidFrameError
    return Rate(
        position=_natural(frame, "position"),
        value=_choice(RatingValue, frame.get("rating")),
        reason=_choice(RatingReason, frame.get("reason")),
        comment=comment,
    )


def _choice(choices: type[C], value: Any) -> C | None:
    if value is None:
        return None
    try:
        return choices(value)
    except ValueError as error:
        raise InvalidFrameError from error


def _conversation(value: Any) -> UUID | Literal["latest", "new"]:
    match value:
        case "latest":
            return "latest"
        case "new":
            return "new"
    return _uuid(value)


def _cursor(value: Any) -> tuple[int | None, Cursor | None]:
    """Read ``[position, attempt, offset]``; a malformed one is an error, never "from the start"."""
    if value is None:
        return None, None
    match value:
        case [int(position), int(attempt), int(offset)] if min(value) >= 0:
            return position, Cursor(attempt, offset)
    raise InvalidFrameError


def _text(frame: Mapping[str, Any], name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str):
        raise InvalidFrameError
    return value


def _text_or_none(frame: Mapping[str, Any], name: str) -> str | None:
    return None if frame.get(name) is None else _text(frame, name)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > REVOKED_AT_ONCE:
        raise InvalidFrameError
    return tuple(_text({"item": item}, "item") for item in value)


def _natural(frame: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = frame.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise InvalidFrameError
    return value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidFrameError from error
    if moment.utcoffset() is None:
        raise InvalidFrameError
    return moment


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise InvalidFrameError from error


def _locale(value: str) -> str:
    is_one = len(value) <= LOCALE_CHARACTERS and LOCALE.match(value)
    return value.lower() if is_one else ""


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Command]] = {
    "hello": _hello,
    "send": _send,
    "stop": lambda frame: Stop(_natural(frame, "position")),
    "retry": lambda frame: Retry(_natural(frame, "position")),
    "rate": _rate,
    "history": lambda frame: History(_natural(frame, "before")),
    "attributes": lambda frame: Note(attributes_read(frame.get("attributes"))),
    "conversations": lambda frame: Conversations(_moment(frame.get("before"))),
    "join": lambda _: Join(),
    "ping": lambda _: Ping(),
}
