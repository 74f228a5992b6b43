"""How sure one may be of a difference: intervals of shares and means, values in, values out.

All intervals are for 95 %. A share has Wilson's, which stays honest near 0 and 1; the difference
of two shares Newcombe's, made of both; a mean and the difference of two means the normal one, for
which thirty values are the least.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import sqrt
from statistics import fmean, variance
from typing import Final

Z: Final = 1.959964
ENOUGH: Final = 30


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where the truth lies, in all likelihood."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    count: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.hits / self.count if self.count else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval; None of nothing."""
        if not self.count:
            return None
        value, spread = self.hits / self.count, Z * Z / self.count
        middle = (value + spread / 2) / (1 + spread)
        reach = sqrt(value * (1 - value) * spread + spread * spread / 4) / (1 + spread)
        # At 0 and 1 the formula's own end is exact; rounding must not leave the value outside.
        return Interval(max(0.0, min(middle - reach, value)), min(1.0, max(middle + reach, value)))


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of so many values, and how far they spread."""

    value: float | None
    count: int
    error: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float]) -> Mean:
        """Return the mean of these values."""
        seen = [float(value) for value in values]
        if not seen:
            return cls(None, 0)
        error = sqrt(variance(seen) / len(seen)) if len(seen) > 1 else 0.0
        return cls(fmean(seen), len(seen), error)

    @property
    def interval(self) -> Interval | None:
        """The normal interval; None for fewer than two values."""
        if self.value is None or self.count < 2:  # noqa: PLR2004  # one value spreads nowhere
            return None
        return Interval(self.value - Z * self.error, self.value + Z * self.error)


class Verdict(Enum):
    """What may be said of the second of two, beside the first."""

    NOT_ENOUGH = "not enough data"
    NO_DIFFERENCE = "no difference to be seen"
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second minus the first, and what may be said of it."""

    difference: float | None
    interval: Interval | None
    verdict: Verdict


def compare(first: Share | Mean, second: Share | Mean) -> Comparison:
    """Return how the second differs from the first, both of the same kind."""
    if isinstance(first, Share) and isinstance(second, Share):
        interval = _shares_apart(first, second)
    elif isinstance(first, Mean) and isinstance(second, Mean):
        interval = _means_apart(first, second)
    else:
        raise TypeError("A share cannot be compared with a mean.")
    known = first.value is not None and second.value is not None
    difference = (second.value or 0) - (first.value or 0) if known else None
    return Comparison(difference, interval, _verdict(interval, min(first.count, second.count)))


def _verdict(interval: Interval | None, count: int) -> Verdict:
    if interval is None or count < ENOUGH:
        return Verdict.NOT_ENOUGH
    if interval.low > 0:
        return Verdict.HIGHER
    return Verdict.LOWER if interval.high < 0 else Verdict.NO_DIFFERENCE


def _shares_apart(first: Share, second: Share) -> Interval | None:
    one, two = first.interval, second.interval
    if one is None or two is None:
        return None
    before, after = first.hits / first.count, second.hits / second.count
    return Interval(
        after - before - sqrt((after - two.low) ** 2 + (one.high - before) ** 2),
        after - before + sqrt((two.high - after) ** 2 + (before - one.low) ** 2),
    )


def _means_apart(first: Mean, second: Mean) -> Interval | None:
    if first.value is None or second.value is None or first.interval is None:
        return None
    if second.interval is None:
        return None
    reach = Z * sqrt(first.error**2 + second.error**2)
    difference = second.value - first.value
    return Interval(difference - reach, difference + reach)
