"""What a call adds to the figures: pure counting, from one record or from many.

Calls are counted by what people ask about, each by itself: all together, by provider, model,
key, widget, prompt version and error. So rows grow with the sum of these, not with their
product: ten keys of five models are fifteen rows a minute, not fifty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from gateway.engine.telemetry import AttemptRecord, CallRecord, Outcome
from gateway.engine.types import Priority, Target
from gateway.figures.histogram import Histogram

NAME_LENGTH = 200


class Facet(StrEnum):
    """What calls are counted by; each says what its names are."""

    ALL = "all"  # the empty name
    PROVIDER = "provider"  # a slug
    MODEL = "model"  # slug/model
    KEY = "key"  # slug/label
    WIDGET = "widget"  # the label that calls carry
    VERSION = "version"  # as widget
    ERROR = "error"  # the code a call failed with
    TROUBLE = "trouble"  # the code an attempt failed with; the call may have succeeded


class Place(NamedTuple):
    """Where something is counted; costs of two currencies never add up."""

    facet: Facet
    name: str
    currency: str = ""


@dataclass(slots=True)
class Tally:
    """Sums of calls; adding two is adding each sum.

    Args:
        calls: Of which some succeeded, some failed, and some were cancelled by whoever asked.
        cached: Answered from memory.
        shared: Answered by an identical call that was already under way.
        batch: Made for a batch, not for a chat.
        attempts: Requests to a provider; by provider, model and key it is their own requests.
        faults: Attempts that failed.
        retries: Attempts that came after another with the same key.
        rotations: Attempts that came after another with another key.
        waited_chat: Calls of chats that waited in a line, or between attempts.
        waited_batch: As above, for batches.
        wait_chat_ms: How long these waited together.
        wait_batch_ms: As above.
        total_ms: What calls that succeeded took together, from asking to the last word.
        first_token_ms: What they took to the first word.
        prompt_tokens: As providers counted them.
        completion_tokens: As above.
        uncounted: Calls that succeeded and whose tokens nobody counted.
        unpriced: Calls that succeeded and whose cost is not known.
        dropped: Calls of which nothing else is known: they could not be written down.
        cost: In the currency of the place; known costs alone.
        total_times: Of calls that succeeded.
        first_times: As above.
        waits: Of calls that waited.
    """

    calls: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    cached: int = 0
    shared: int = 0
    batch: int = 0
    attempts: int = 0
    faults: int = 0
    retries: int = 0
    rotations: int = 0
    waited_chat: int = 0
    waited_batch: int = 0
    wait_chat_ms: int = 0
    wait_batch_ms: int = 0
    total_ms: int = 0
    first_token_ms: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0
    unpriced: int = 0
    dropped: int = 0
    cost: Decimal = Decimal(0)
    total_times: Histogram = field(default_factory=Histogram)
    first_times: Histogram = field(default_factory=Histogram)
    waits: Histogram = field(default_factory=Histogram)

    def merge(self, other: Tally) -> None:
        """Add another's sums to these."""
        for name in SUMS:
            more = getattr(other, name)
            if more:
                setattr(self, name, getattr(self, name) + more)
        for name in HISTOGRAMS:
            getattr(self, name).merge(getattr(other, name))


HISTOGRAMS = ("total_times", "first_times", "waits")
SUMS = tuple(each.name for each in fields(Tally) if each.name not in HISTOGRAMS)
COUNTS = tuple(name for name in SUMS if name != "cost")


def sum_of(one: Tally, other: Tally) -> Tally:
    """Return the sums of two, and leave both as they are."""
    both = Tally()
    both.merge(one)
    both.merge(other)
    return both


def tallies_of(records: Iterable[CallRecord]) -> dict[Place, Tally]:
    """Return what these calls add to each place."""
    # Calls that count in the same places, in the same way, are added up before they are spread.
    alike: dict[Hashable, tuple[CallRecord, Tally]] = {}
    for record in records:
        kind = _kind(record)
        found = alike.get(kind)
        if found is None:
            found = alike[kind] = (record, Tally())
        _count(found[1], record)
    tallies: dict[Place, Tally] = defaultdict(Tally)
    for record, tally in alike.values():
        _spread(tallies, record, tally)
    return dict(tallies)


def _kind(record: CallRecord) -> Hashable:
    """Return what two calls have in common that differ in amounts alone."""
    labels = record.labels
    return (
        record.target,
        record.key_label,
        labels.get("widget"),
        labels.get("prompt_version"),
        record.error_code,
        _currency(record),
        *((attempt.target, attempt.key_label, attempt.error_code) for attempt in record.attempts),
    )


def _currency(record: CallRecord) -> str:
    return record.currency if record.cost is not None else ""


def _spread(tallies: dict[Place, Tally], record: CallRecord, tally: Tally) -> None:
    """Add calls that are all like this one to every place where they count."""
    currency, calls = _currency(record), tally.calls
    for facet, name in _places(record):
        tallies[Place(facet, name[:NAME_LENGTH], currency)].merge(tally)
    for attempt in record.attempts:
        for facet, name in _attempt_places(attempt):
            place = tallies[Place(facet, name[:NAME_LENGTH], currency)]
            place.attempts += calls
            place.faults += calls * bool(attempt.error_code)
    total = tallies[Place(Facet.ALL, "", currency)]
    total.attempts += calls * len(record.attempts)
    total.faults += calls * sum(bool(attempt.error_code) for attempt in record.attempts)
    for before, after in pairwise(record.attempts):
        is_same = (before.target.provider, before.key_label) == (
            after.target.provider,
            after.key_label,
        )
        total.retries += calls * is_same
        total.rotations += calls * (not is_same)


def _count(tally: Tally, record: CallRecord) -> None:
    """Add one call, its attempts left out."""
    tally.calls += 1
    tally.cached += record.is_cached
    tally.shared += record.is_shared
    is_batch = record.priority is Priority.BATCH
    tally.batch += is_batch
    _count_wait(tally, milliseconds(record.queue_seconds), is_batch=is_batch)
    if record.usage is not None:
        tally.prompt_tokens += record.usage.prompt_tokens
        tally.completion_tokens += record.usage.completion_tokens
    if record.cost is not None:
        tally.cost += record.cost
    if record.outcome is Outcome.SUCCEEDED:
        tally.succeeded += 1
        is_own = not (record.is_cached or record.is_shared)
        tally.uncounted += is_own and record.usage is None
        tally.unpriced += record.cost is None
        _count_times(tally, record)
    elif record.outcome is Outcome.FAILED:
        tally.failed += 1
    else:
        tally.cancelled += 1


def milliseconds(seconds: float) -> int:
    """Return a duration as figures and ledger keep it."""
    return max(round(seconds * 1000), 0)


def _count_wait(tally: Tally, waited: int, *, is_batch: bool) -> None:
    if not waited:
        return
    tally.waits.add(waited)
    if is_batch:
        tally.waited_batch += 1
        tally.wait_batch_ms += waited
    else:
        tally.waited_chat += 1
        tally.wait_chat_ms += waited


def _count_times(tally: Tally, record: CallRecord) -> None:
    total = milliseconds(record.total_seconds)
    tally.total_ms += total
    tally.total_times.add(total)
    if record.first_token_seconds is not None:
        first = milliseconds(record.first_token_seconds)
        tally.first_token_ms += first
        tally.first_times.add(first)


def _places(record: CallRecord) -> Iterator[tuple[Facet, str]]:
    yield Facet.ALL, ""
    if record.target is not None:
        yield from _target_places(record.target)
        if record.key_label:
            yield Facet.KEY, f"{record.target.provider}/{record.key_label}"
    if widget := record.labels.get("widget"):
        yield Facet.WIDGET, widget
    if version := record.labels.get("prompt_version"):
        yield Facet.VERSION, version
    if record.error_code:
        yield Facet.ERROR, record.error_code


def _attempt_places(attempt: AttemptRecord) -> Iterator[tuple[Facet, str]]:
    yield from _target_places(attempt.target)
    if attempt.key_label:
        yield Facet.KEY, f"{attempt.target.provider}/{attempt.key_label}"
    if attempt.error_code:
        yield Facet.TROUBLE, attempt.error_code


def _target_places(target: Target) -> Iterator[tuple[Facet, str]]:
    yield Facet.PROVIDER, target.provider
    yield Facet.MODEL, f"{target.provider}/{target.model}"
