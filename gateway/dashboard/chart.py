"""Charts as plain SVG: drawn on the server, without a script, and at home under a strict policy.

A picture holds no words: it stretches to whatever width there is, and letters would stretch
with it. Words stand around it, and a table with the same numbers under it. Every chart begins
at zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT = 100.0
STEP = 10.0  # the width of one step; the picture is stretched anyway
GAP = 1.5  # between two bars
NOTHING = 1e-12  # less than any figure; floats end soon after


class Kind(StrEnum):
    """How a chart is drawn."""

    LINES = "lines"  # each series for itself
    BARS = "bars"  # the series of a step on top of each other


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers.

    Args:
        tone: Its colour and dash in the stylesheet.
        values: One for each step; None where nothing is known, which is not zero.
    """

    tone: str
    values: Sequence[float | None]


def chart_top(kind: Kind, series: Sequence[Series]) -> float:
    """Return a round number that no value exceeds; 1 if there is none."""
    if kind is Kind.BARS:
        columns = zip(*(each.values for each in series), strict=True)
        highest = max((sum(value or 0 for value in column) for column in columns), default=0)
    else:
        highest = max((value or 0 for each in series for value in each.values), default=0)
    return round_up(highest)


def round_up(value: float) -> float:
    """Return the next number of the kind 1, 2 or 5 times a power of ten; 1 for nothing."""
    if value < NOTHING:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= value * (1 - 1e-9))


def chart_svg(
    kind: Kind, series: Sequence[Series], *, top: float, label: str, titles: Sequence[str]
) -> SafeString:
    """Return the picture.

    Args:
        kind: Lines or bars.
        series: All of the same length; bars are stacked in this order, from the ground up.
        top: The value at the upper edge.
        label: What a screen reader says instead of it.
        titles: What each step says when pointed at.
    """
    width = STEP * max(len(titles), 1)
    draw = _bars if kind is Kind.BARS else _lines
    return format_html(
        '<svg class="chart-picture" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><path class="chart-grid" d="M0 {}H{}"/>{}{}'
        '<path class="chart-zero" d="M0 {}H{}"/></svg>',
        _number(width),
        _number(HEIGHT),
        label,
        _number(HEIGHT / 2),
        _number(width),
        draw(series, top),
        _pointers(titles),
        _number(HEIGHT),
        _number(width),
    )


def _lines(series: Sequence[Series], top: float) -> SafeString:
    return format_html_join(
        "",
        '<path class="chart-line tone-{}" d="{}"/>',
        ((each.tone, _path(each.values, top)) for each in series),
    )


def _path(values: Sequence[float | None], top: float) -> str:
    """Return a line through the middle of each step, lifted where nothing is known."""
    found, is_down = [], False
    for place, value in enumerate(values):
        if value is None:
            is_down = False
            continue
        point = f"{_number((place + 0.5) * STEP)} {_number(_height(value, top))}"
        # A point with nothing beside it is a line of no length: its round end shows.
        found.append(f"L{point}" if is_down else f"M{point}h0")
        is_down = True
    return "".join(found)


def _bars(series: Sequence[Series], top: float) -> SafeString:
    steps = len(series[0].values) if series else 0
    grounds = [0.0] * steps
    parts: list[tuple[str, str]] = []
    for each in series:
        path = ""
        for place, value in enumerate(each.values):
            if value:
                path += _bar(place, grounds[place], value, top)
                grounds[place] += value
        parts.append((each.tone, path))
    return format_html_join("", '<path class="chart-bar tone-{}" d="{}"/>', parts)


def _bar(place: int, ground: float, value: float, top: float) -> str:
    left, right = place * STEP + GAP / 2, (place + 1) * STEP - GAP / 2
    low, high = _height(ground, top), _height(ground + value, top)
    return f"M{_number(left)} {_number(low)}V{_number(high)}H{_number(right)}V{_number(low)}Z"


def _pointers(titles: Iterable[str]) -> SafeString:
    """Return an unseen column for each step, which says its numbers when pointed at."""
    return format_html_join(
        "",
        '<rect class="chart-pointer" x="{}" y="0" width="{}" height="{}"><title>{}</title></rect>',
        (
            (_number(place * STEP), _number(STEP), _number(HEIGHT), title)
            for place, title in enumerate(titles)
        ),
    )


def _height(value: float, top: float) -> float:
    return HEIGHT - min(value / top, 1.0) * HEIGHT


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
