"""Conversations by the hundred thousand for ``bench.review``, seeded: each run finds the same."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.utils import timezone

from bench.bulk import Row, numbers_set, rows_write
from bench.review_calls import call_row, labels_of
from bench.review_texts import (
    CHINESE,
    ENGLISH,
    RARE,
    Text,
    chinese,
    english,
    store_make,
    text_draw,
)
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
from gateway.models import Call

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
STATUSES = (
    [ReplyStatus.COMPLETE] * 95
    + [ReplyStatus.STOPPED] * 2
    + [ReplyStatus.INTERRUPTED] * 2
    + [ReplyStatus.FAILED]
)


def world_seed(conversations: int, seed: int = 8) -> User:
    """Fill an empty database, and return who reads it: the owner of everything."""
    rng = random.Random(seed)
    owner = User.objects.create_superuser("owner")
    begin = timezone.now() - conversations * APART
    people = _people_make(owner)
    stores = {
        "en": store_make(rng, english, ENGLISH, RARE["en"]),
        "zh-hans": store_make(rng, chinese, CHINESE, RARE["zh-hans"]),
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


class _Drawn(NamedTuple):
    """What was drawn for one conversation, before it is written row by row."""

    pk: uuid.UUID
    at: datetime
    locale: str
    widget: int
    version: int
    statuses: list[ReplyStatus]
    texts: list[Text]


def _conversation(
    rng: random.Random, at: datetime, people: People, stores: dict[str, list[Text]]
) -> Iterator[tuple[type[models.Model], Row]]:
    locale = "zh-hans" if rng.random() < CHINESE_SHARE else "en"
    pk, turns = uuid.UUID(int=rng.getrandbits(128), version=4), _turns(rng)
    version = rng.choice(people.versions)
    statuses = [rng.choice(STATUSES) for _ in range(turns)]
    texts = [text_draw(rng, stores[locale]) for _ in range(2 * turns)]
    widget = 1 + int(rng.random() ** 2 * WIDGETS)
    drawn = _Drawn(pk, at, locale, widget, version, statuses, texts)
    first_message = _Keys.take(2 * turns)
    conversation = _conversation_row(rng, drawn, people)
    yield Conversation, conversation
    if rng.random() < REVIEWED_SHARE:
        read = {"reviewed_count": 2 * turns, "done_by_id": people.owner, "done_at": at}
        yield Review, {"conversation_id": pk, **read}
    for place in range(2 * turns):
        yield from _message(rng, drawn, people, place, first_message + place)
    labels = labels_of(conversation)
    for turn, status in enumerate(statuses):
        yield Call, call_row(first_message + 2 * turn + 1, status, at, labels)


def _conversation_row(rng: random.Random, drawn: _Drawn, people: People) -> Row:
    messages = len(drawn.texts)
    return {
        "id": drawn.pk,
        "widget_id": drawn.widget,
        "visitor": uuid.UUID(int=rng.getrandbits(128)),
        "customer_id": _customer(rng, people, drawn.widget),
        "prompt_version_id": drawn.version,
        "locale": drawn.locale,
        "page_url": "",
        "opening": drawn.texts[0].text[:120],
        "revision": messages,
        "message_count": messages,
        "created_at": drawn.at,
        "active_at": drawn.at + timedelta(seconds=rng.randrange(86_400)),
        "outcome": OUTCOMES[drawn.statuses[-1]],
        "failed_count": sum(status in WENT_WRONG for status in drawn.statuses),
        "has_asked_for_human": rng.random() < ASKED_SHARE,
        "most_repeated": 3 if rng.random() < LOOP_SHARE else 1,
        "tokens": int(rng.paretovariate(1.5) * 600 * len(drawn.statuses)),
    }


def _message(
    rng: random.Random, drawn: _Drawn, people: People, place: int, message: int
) -> Iterator[tuple[type[models.Model], Row]]:
    said = drawn.texts[place]
    is_answer = place % 2 == 1
    yield (
        Message,
        {
            "id": message,
            "conversation_id": drawn.pk,
            "position": place + 1,
            "revision": place,
            "author": Author.ASSISTANT if is_answer else Author.CUSTOMER,
            "client_id": None,
            "text": said.text,
            "created_at": drawn.at,
        },
    )
    if is_answer:
        reply = _reply(message, drawn.version, drawn.statuses[place // 2])
        yield Reply, {**reply, "ended_at": drawn.at}
        if rng.random() < RATED_SHARE:
            value = RatingValue.DOWN if rng.random() < DOWN_SHARE else RatingValue.UP
            yield Rating, {"reply_id": message, "value": value, "rated_at": drawn.at}
        if rng.random() < JUDGED_SHARE:
            yield Verdict, {**_verdict(rng, message, people), "judged_at": drawn.at}
    yield (
        MessageWords,
        {
            "message_id": message,
            "conversation_id": drawn.pk,
            "digest": None if is_answer else said.digest,
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
