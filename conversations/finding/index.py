"""The index of words: written with each message, forgotten with it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from django.db.models import BigIntegerField, PositiveBigIntegerField, UUIDField

from conversations.finding.words import terms_of
from conversations.models import MessageWords
from conversations.models.terms import TermsField
from gateway.prepared import Insert, Parameter, Select

_MESSAGE = Parameter("message", PositiveBigIntegerField())
_CONVERSATION = Parameter("conversation", UUIDField())
_DIGEST = Parameter("digest", BigIntegerField(null=True))

_words_add = Insert(
    MessageWords,
    {
        "message_id": _MESSAGE,
        "conversation_id": _CONVERSATION,
        "digest": _DIGEST,
        "terms": Parameter("terms", TermsField()),
    },
)
_words_same = Select(
    lambda: MessageWords.objects.filter(conversation=_CONVERSATION, digest=_DIGEST).values_list(
        "pk"
    ),
    lambda message: message,
)


def question_index(*, message: int, conversation: UUID, text: str, is_repeatable: bool) -> int:
    """Index a customer's message, in the transaction that stores it.

    Args:
        message: Its key.
        conversation: Where it stands.
        text: What the customer wrote.
        is_repeatable: Whether the same may have been asked before; a first message's cannot.

    Returns:
        How often the customer has written this by now, in the same words.
    """
    terms = terms_of(text)
    digest = question_digest(terms)
    _words_add.run(message=message, conversation=conversation, digest=digest, terms=terms)
    if digest is None or not is_repeatable:
        return 1
    return len(_words_same.rows(conversation=conversation, digest=digest))


def answer_index(*, message: int, conversation: UUID, text: str) -> None:
    """Index an answer once its text is final; an empty one has nothing to be found by."""
    if terms := terms_of(text):
        _words_add.run(message=message, conversation=conversation, digest=None, terms=terms)


def message_forget(message: int) -> None:
    """Take a message out of the index: its text is about to be another."""
    MessageWords.objects.filter(pk=message).delete()


def question_digest(terms: Sequence[str]) -> int | None:
    """Return a number that is equal for questions in the same words; None if there are none."""
    if not terms:
        return None
    digest = blake2b(" ".join(terms).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
