"""Durations counted in buckets that grow by a tenth: small, mergeable, and right within 5 %.

A bucket holds durations from one power of 1.1 up to the next, so whatever is said of one of
them is wrong by less than ``RELATIVE_ERROR``, be it 3 ms or 3 minutes. Buckets of two
histograms add up, in any order: a percentile over a month is that of its minutes together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

GROWTH: Final = 1.1
RELATIVE_ERROR: Final = (GROWTH - 1) / (GROWTH + 1)
_LOG: Final = math.log(GROWTH)
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80


class Histogram:
    """How often something took how long.

    Args:
        counts: How many durations are in each bucket; bucket 0 holds those under 1 ms.
    """

    __slots__ = ("counts",)

    def __init__(self, counts: Counter[int] | None = None) -> None:
        self.counts: Counter[int] = Counter() if counts is None else counts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and +self.counts == +other.counts

    __hash__ = None  # type: ignore[assignment]  # it changes

    @property
    def total(self) -> int:
        """How many durations were counted."""
        return self.counts.total()

    def add(self, milliseconds: int) -> None:
        """Count a duration."""
        self.counts[bucket_of(milliseconds)] += 1

    def merge(self, other: Histogram) -> None:
        """Count everything that another one has counted."""
        self.counts.update(other.counts)

    def merge_encoded(self, data: bytes) -> None:
        """Count everything that an encoded one has counted, without making another of it."""
        counts, seen = self.counts, self.counts.get
        bucket = number = shift = 0
        is_step = True
        for byte in data:
            if byte > _SEVEN_BITS:
                number |= (byte & _SEVEN_BITS) << shift
                shift += 7
                continue
            number |= byte << shift
            if is_step:
                bucket += number
            else:
                counts[bucket] = seen(bucket, 0) + number
            is_step = not is_step
            number = shift = 0

    def added_to(self, data: bytes) -> bytes:
        """Return what an encoded one becomes with everything that this one has counted."""
        both = Histogram(Counter(self.counts))
        both.merge_encoded(data)
        return both.encode()

    def percentile(self, share: float) -> float | None:
        """Return the milliseconds that a share of all durations did not exceed; None of none.

        Args:
            share: Above 0, up to 1; 0.5 is the median.
        """
        wanted, seen = math.ceil(share * self.total), 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return middle_of(bucket)
        return None

    def at_most(self, bucket: int) -> int:
        """Return how many durations are in this bucket and those below it."""
        return sum(count for place, count in self.counts.items() if place <= bucket)

    def encode(self) -> bytes:
        """Return it in a few bytes: steps between buckets and their counts, as varints."""
        found, last = bytearray(), 0
        add = found.append
        for bucket, count in sorted(self.counts.items()):
            step, last = bucket - last, bucket
            for number in (step, count):
                while number > _SEVEN_BITS:
                    add(number & _SEVEN_BITS | _MORE)
                    number >>= 7  # noqa: PLW2901 - what is left of it
                add(number)
        return bytes(found)

    @classmethod
    def decode(cls, data: bytes) -> Histogram:
        """Return what ``encode`` was given."""
        numbers = _numbers(data)
        counts: Counter[int] = Counter()
        bucket = 0
        for step, count in zip(numbers[::2], numbers[1::2], strict=True):
            bucket += step
            counts[bucket] = count
        return cls(counts)


def histogram_of(durations: Iterable[int]) -> Histogram:
    """Return the histogram of these milliseconds."""
    return Histogram(Counter(map(bucket_of, durations)))


def bucket_of(milliseconds: int) -> int:
    """Return the bucket that a duration belongs to."""
    return 0 if milliseconds < 1 else 1 + int(math.log(milliseconds) / _LOG)


def middle_of(bucket: int) -> float:
    """Return the milliseconds that are wrong the least for everything in a bucket."""
    return 0.0 if bucket == 0 else 2 * GROWTH**bucket / (GROWTH + 1)


def end_of(bucket: int) -> float:
    """Return the milliseconds at which the next bucket begins."""
    return GROWTH**bucket


def _numbers(data: bytes) -> list[int]:
    found, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & _SEVEN_BITS) << shift
        if byte & _MORE:
            shift += 7
        else:
            found.append(number)
            number, shift = 0, 0
    return found
