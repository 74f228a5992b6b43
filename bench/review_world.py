"""Conversations by the hundred thousand, for ``bench.review``: seeded, so each run finds the same.

Texts are drawn from a store of some thousand, so that cutting them into words takes seconds; the
database indexes every one of them all the same. Some words are planted, each in a known share of
the texts of its language, and one of each language in a handful of messages.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.utils import timezone

from bench.bulk import Row, numbers_set, rows_write
from conversations.finding.index import question_digest
from conversations.finding.words import terms_of
from conversations.models import (
    Author,
    Conversation,
    Customer,
    Judgement,
    Message,
    MessageWords,
    PromptTemplate,
    PromptVersion,
    Rating,
    RatingValue,
    Reply,
    ReplyStatus,
    Review,
    Verdict,
    Widget,
)
from conversations.models.conversation import OUTCOMES, WENT_WRONG
from conversations.models.terms import as_tsvector
from gateway.models import Call

STORE = 4_000
BATCH = 2_000  # conversations
WIDGETS = 4
CHINESE_SHARE = 0.3
ASKED_SHARE, LOOP_SHARE = 0.02, 0.01
RATED_SHARE, DOWN_SHARE = 0.05, 0.2
REVIEWED_SHARE, JUDGED_SHARE, FAULTED_SHARE = 0.3, 0.01, 0.4
CUSTOMERS, VERIFIED_SHARE = 10_000, 0.2
VERSIONS = 3
# The newest is of today: a filter by days finds what it would on a site that is in use.
APART = timedelta(seconds=150)

ENGLISH = {"order": 0.2, "refund": 0.02}
CHINESE = {"的": 0.6, "退款": 0.05, "退款政策": 0.005}
# About in how many messages of a million the last text of each store stands.
HANDFUL = 60
RARE = {"en": "One zeppelin, please.", "zh-hans": "我要一个飞艇模型，龘。"}
SYLLABLES = "ba co du el fin gar hul im jo kel lun mor nap ol pra qui ros sta tul ven wix yor"
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 1_500)]

CALL_OUTCOMES = {
    ReplyStatus.COMPLETE: "succeeded",
    ReplyStatus.STOPPED: "cancelled",
    ReplyStatus.INTERRUPTED: "failed",
    ReplyStatus.FAILED: "failed",
}
STATUSES = (
    [ReplyStatus.COMPLETE] * 95
    + [ReplyStatus.STOPPED] * 2
    + [ReplyStatus.INTERRUPTED] * 2
    + [ReplyStatus.FAILED]
)


class Text(NamedTuple):
    """A text of the store, with what it is found by."""

    text: str
    terms: Any
    digest: int | None


def world_seed(conversations: int, seed: int = 8) -> User:
    """Fill an empty database, and return who reads it: the owner of everything."""
    rng = random.Random(seed)
    owner = User.objects.create_superuser("owner")
    begin = timezone.now() - conversations * APART
    people = _people_make(owner)
    stores = {
        "en": _store(rng, _english, ENGLISH, RARE["en"]),
        "zh-hans": _store(rng, _chinese, CHINESE, RARE["zh-hans"]),
    }
    for first in range(0, conversations, BATCH):
        tables = defaultdict[type[models.Model], list[Row]](list)
        for number in range(first, min(first + BATCH, conversations)):
            at = begin + number * APART
            for model, row in _conversation(rng, at, people, stores):
                tables[model].append(row)
        with transaction.atomic():
            for model, rows in tables.items():
                rows_write(model, rows)
    numbers_set(Message)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return owner


class People(NamedTuple):
    """What there is besides conversations, by key."""

    owner: int
    versions: list[int]
    customers: list[uuid.UUID]


def _people_make(owner: User) -> People:
    template = PromptTemplate.objects.create(name="Shop")
    widgets = [
        Widget.objects.create(name=f"Shop {number}", prompt_template=template)
        for number in range(WIDGETS)
    ]
    customers = [
        Customer(
            widget=widgets[number % WIDGETS],
            external_id=f"c-{number}",
            name=f"Customer Number{number}",
            email=f"customer{number}@example.org",
        )
        for number in range(CUSTOMERS)
    ]
    Customer.objects.bulk_create(customers, batch_size=1_000)
    versions = [
        PromptVersion.objects.create(
            template=template, number=number, instructions="Be kind.", published_at=timezone.now()
        )
        for number in range(1, VERSIONS + 1)
    ]
    return People(owner.pk, [row.pk for row in versions], [row.pk for row in customers])


def _conversation(
    rng: random.Random, at: datetime, people: People, stores: dict[str, list[Text]]
) -> Iterator[tuple[type[models.Model], Row]]:
    locale = "zh-hans" if rng.random() < CHINESE_SHARE else "en"
    pk, turns = uuid.UUID(int=rng.getrandbits(128), version=4), _turns(rng)
    version = rng.choice(people.versions)
    statuses = [rng.choice(STATUSES) for _ in range(turns)]
    texts = [_draw(rng, stores[locale]) for _ in range(2 * turns)]
    widget = 1 + int(rng.random() ** 2 * WIDGETS)
    first_message = _Keys.take(2 * turns)
    conversation = {
        "id": pk,
        "widget_id": widget,
        "visitor": uuid.UUID(int=rng.getrandbits(128)),
        "customer_id": _customer(rng, people, widget),
        "prompt_version_id": version,
        "locale": locale,
        "page_url": "",
        "opening": texts[0].text[:120],
        "revision": 2 * turns,
        "message_count": 2 * turns,
        "created_at": at,
        "active_at": at + timedelta(seconds=rng.randrange(86_400)),
        "outcome": OUTCOMES[statuses[-1]],
        "failed_count": sum(status in WENT_WRONG for status in statuses),
        "has_asked_for_human": rng.random() < ASKED_SHARE,
        "most_repeated": 3 if rng.random() < LOOP_SHARE else 1,
        "tokens": int(rng.paretovariate(1.5) * 600 * turns),
    }
    yield Conversation, conversation
    labels = _labels(conversation)
    if rng.random() < REVIEWED_SHARE:
        read = {"reviewed_count": 2 * turns, "done_by_id": people.owner, "done_at": at}
        yield Review, {"conversation_id": pk, **read}
    for place, said in enumerate(texts):
        author = Author.ASSISTANT if place % 2 else Author.CUSTOMER
        message = first_message + place
        yield (
            Message,
            {
                "id": message,
                "conversation_id": pk,
                "position": place + 1,
                "revision": place,
                "author": author,
                "client_id": None,
                "text": said.text,
                "created_at": at,
            },
        )
        if author == Author.ASSISTANT:
            status = statuses[place // 2]
            yield Reply, {**_reply(message, version, status), "ended_at": at}
            yield Call, _call(message, status, at, labels)
            if rng.random() < RATED_SHARE:
                value = RatingValue.DOWN if rng.random() < DOWN_SHARE else RatingValue.UP
                yield Rating, {"reply_id": message, "value": value, "rated_at": at}
            if rng.random() < JUDGED_SHARE:
                yield Verdict, {**_verdict(rng, message, people), "judged_at": at}
        digest = said.digest if author == Author.CUSTOMER else None
        yield (
            MessageWords,
            {
                "message_id": message,
                "conversation_id": pk,
                "digest": digest,
                "terms": said.terms,
            },
        )


def _customer(rng: random.Random, people: People, widget: int) -> uuid.UUID | None:
    if rng.random() >= VERIFIED_SHARE:
        return None
    return people.customers[WIDGETS * rng.randrange(CUSTOMERS // WIDGETS) + widget - 1]


def _verdict(rng: random.Random, message: int, people: People) -> Row:
    is_faulted = rng.random() < FAULTED_SHARE
    return {
        "reply_id": message,
        "attempt": 1,
        "judgement": Judgement.WRONG if is_faulted else Judgement.GOOD,
        "judged_by_id": people.owner,
    }


def _reply(message: int, version: int, status: ReplyStatus) -> Row:
    return {
        "message_id": message,
        "question_id": message - 1,
        "prompt_version_id": version,
        "status": status,
        "attempt": 1,
        "recoveries": 0,
        "prompt_tokens": 600,
        "provider": "sandbox",
        "model": "sandbox-1",
        "key_label": "first",
        "completion_tokens": 80,
        **dict.fromkeys(("owner", "finish_reason", "error_code"), ""),
    }


def _labels(conversation: Row) -> Row:
    """Return what the site labels a conversation's calls with."""
    return {
        "conversation": str(conversation["id"]),
        "widget": str(conversation["widget_id"]),
        "customer": str(conversation["customer_id"] or conversation["visitor"]),
        "prompt_version": str(conversation["prompt_version_id"]),
    }


def _call(message: int, status: ReplyStatus, at: datetime, labels: Row) -> Row:
    """Return the call behind an answer; of one in fifty that succeeded nobody knows the price."""
    is_good = status == ReplyStatus.COMPLETE
    is_priced = is_good and message % 100
    tried = {"provider": "sandbox", "model": "sandbox-1", "key": "first", "wait_ms": 0}
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_OID, str(message)),  # apart from each other, as real ones
        "started_at": at,
        "outcome": CALL_OUTCOMES[status],
        "error_code": "stream_broken" if status in WENT_WRONG else "",
        "provider": "sandbox",
        "model": "sandbox-1",
        "key_label": "first",
        "attempts": json.dumps([{**tried, "status": 200, "error": "", "took_ms": 400}]),
        "total_ms": 2_500,
        "prompt_tokens": 600 if is_good else None,
        "completion_tokens": 80 if is_good else None,
        "spent_tokens": 680,
        "cost": Decimal("0.00042") if is_priced else None,
        "currency": "USD" if is_priced else "",
        "reply": f"{message}.1",
        **labels,
    }


class _Keys:
    """Numbers messages: their keys are known before they are written."""

    next_key = 1

    @classmethod
    def take(cls, count: int) -> int:
        first = cls.next_key
        cls.next_key += count
        return first


def _turns(rng: random.Random) -> int:
    """Return how many turns a conversation has: five on average, now and then forty."""
    return rng.randint(15, 40) if rng.random() < 0.02 else rng.randint(1, 8)  # noqa: PLR2004 - as said


def _draw(rng: random.Random, store: list[Text]) -> Text:
    if rng.random() < HANDFUL / 500_000:
        return store[-1]
    return store[rng.randrange(len(store) - 1)]


def _store(
    rng: random.Random,
    make: Callable[[random.Random, list[str], int], str],
    planted: dict[str, float],
    rare: str,
) -> list[Text]:
    texts = [
        make(rng, [word for word, share in planted.items() if rng.random() < share], length)
        for length in [10, 40] * (STORE // 2)
    ]
    return [_text(text) for text in [*texts, rare]]


def _text(text: str) -> Text:
    terms = terms_of(text)
    written = " ".join(terms) if connection.vendor == "sqlite" else as_tsvector(terms)
    return Text(text, written, question_digest(terms))


def _english(rng: random.Random, planted: list[str], length: int) -> str:
    syllables = SYLLABLES.split()
    words = [
        "".join(rng.choice(syllables) for _ in range(rng.randint(1, 3)))
        for _ in range(rng.randint(length // 2, length))
    ]
    for word in planted:
        words.insert(rng.randrange(len(words)), word)
    return " ".join(words).capitalize() + "."


def _chinese(rng: random.Random, planted: list[str], length: int) -> str:
    characters = [
        HAN[int(len(HAN) * rng.random() ** 3)] for _ in range(rng.randint(length, 2 * length))
    ]
    for word in planted:
        characters.insert(rng.randrange(len(characters)), word)
    return "".join(characters) + "。"
