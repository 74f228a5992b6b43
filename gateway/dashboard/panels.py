"""A chart with everything around it: its legend, its edges, and the table of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from gateway.admin_parts import cells
from gateway.dashboard import words
from gateway.dashboard.chart import Kind, Series, chart_svg, chart_top
from gateway.figures.reading import Stretch, Sums


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a chart, before anything is known of it.

    Args:
        tone: As in ``Series``.
        title: What it shows.
        read: Returns its value for a step; the second argument is the step's minutes.
    """

    tone: str
    title: str | Promise
    read: Callable[[Sums, float], float | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """A chart before it is drawn.

    Args:
        slug: Its id on the page.
        say: Puts a value into words.
    """

    slug: str
    title: str | Promise
    kind: Kind
    say: Callable[[float], str]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Legend:
    """A series by its tone, with its value in the last whole step, or of today."""

    tone: str
    title: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A chart, ready for the page.

    Args:
        rows: Steps with a value for each series, the newest first.
    """

    slug: str
    title: str
    is_empty: bool
    picture: SafeString
    top: str
    begins: str
    ends: str
    legends: Sequence[Legend]
    rows: Sequence[tuple[str, Sequence[str]]]


PLANS = (
    Plan(
        "calls",
        gettext_lazy("Calls a minute"),
        Kind.BARS,
        words.rate,
        (
            Line(
                "good",
                pgettext_lazy("how calls ended", "succeeded"),
                lambda sums, minutes: sums.succeeded / minutes,
            ),
            Line(
                "bad",
                pgettext_lazy("how calls ended", "failed"),
                lambda sums, minutes: sums.failed / minutes,
            ),
            Line(
                "quiet", gettext_lazy("cancelled"), lambda sums, minutes: sums.cancelled / minutes
            ),
        ),
    ),
    Plan(
        "times",
        gettext_lazy("Response time"),
        Kind.LINES,
        words.duration,
        (
            Line("first", "p50", lambda sums, _minutes: sums.total_times.percentile(0.5)),
            Line("second", "p95", lambda sums, _minutes: sums.total_times.percentile(0.95)),
            Line("third", "p99", lambda sums, _minutes: sums.total_times.percentile(0.99)),
        ),
    ),
    Plan(
        "first-token",
        gettext_lazy("Time to first token"),
        Kind.LINES,
        words.duration,
        (
            Line("first", "p50", lambda sums, _minutes: sums.first_times.percentile(0.5)),
            Line("second", "p95", lambda sums, _minutes: sums.first_times.percentile(0.95)),
        ),
    ),
    Plan(
        "tokens",
        gettext_lazy("Tokens a minute"),
        Kind.BARS,
        words.rate,
        (
            Line(
                "first", gettext_lazy("prompt"), lambda sums, minutes: sums.prompt_tokens / minutes
            ),
            Line(
                "second",
                gettext_lazy("answer"),
                lambda sums, minutes: sums.completion_tokens / minutes,
            ),
        ),
    ),
    Plan(
        "again",
        gettext_lazy("Tried again"),
        Kind.BARS,
        words.count,
        (
            Line("first", gettext_lazy("retries, same key"), lambda sums, _minutes: sums.retries),
            Line(
                "second", gettext_lazy("rotations, next key"), lambda sums, _minutes: sums.rotations
            ),
        ),
    ),
    Plan(
        "waits",
        gettext_lazy("Calls that waited"),
        Kind.BARS,
        words.count,
        (
            Line("first", gettext_lazy("chat"), lambda sums, _minutes: sums.waited_chat),
            Line("second", gettext_lazy("batch"), lambda sums, _minutes: sums.waited_batch),
        ),
    ),
    Plan(
        "hits",
        gettext_lazy("Answered without a call"),
        Kind.BARS,
        words.count,
        (
            Line("first", gettext_lazy("from memory"), lambda sums, _minutes: sums.cached),
            Line("second", gettext_lazy("shared with another"), lambda sums, _minutes: sums.shared),
        ),
    ),
)


def panel_draw(plan: Plan, stretch: Stretch, steps: Mapping[datetime, Sums]) -> Panel:
    """Return one chart of these steps."""
    minutes = stretch.step.total_seconds() / 60
    last_minutes = max((stretch.until - max(steps)).total_seconds() / 60, 1 / 60)
    lengths = [minutes] * (len(steps) - 1) + [min(last_minutes, minutes)]
    values = [
        [line.read(sums, length) for sums, length in zip(steps.values(), lengths, strict=True)]
        for line in plan.lines
    ]
    return panel_of(plan, stretch.step, list(steps), values)


def panel_of(
    plan: Plan,
    step: timedelta,
    starts: Sequence[datetime],
    values: Sequence[Sequence[float | None]],
) -> Panel:
    """Return a chart of these values, one row for each line of the plan."""
    series = [Series(line.tone, row) for line, row in zip(plan.lines, values, strict=True)]
    top = chart_top(plan.kind, series)
    times = [words.step_start(start, step) for start in starts]
    told = [[_say(plan, row[place]) for row in values] for place in range(len(starts))]
    titles = [
        f"{time}: "
        + ", ".join(f"{line.title} {word}" for line, word in zip(plan.lines, row, strict=True))
        for time, row in zip(times, told, strict=True)
    ]
    # Of a minute that has just begun nothing can be said; of a day, what it cost so far.
    is_whole = step < timedelta(days=1) and len(told) > 1
    shown = told[-2] if is_whole else told[-1]
    return Panel(
        slug=plan.slug,
        title=str(plan.title),
        is_empty=not any(value for row in values for value in row),
        picture=chart_svg(plan.kind, series, top=top, label=_label(plan, times), titles=titles),
        top=plan.say(top),
        begins=times[0],
        ends=_("now"),
        legends=[
            Legend(line.tone, str(line.title), word)
            for line, word in zip(plan.lines, shown, strict=True)
        ],
        rows=list(reversed(list(zip(times, told, strict=True)))),
    )


def _say(plan: Plan, value: float | None) -> str:
    return cells.UNKNOWN if value is None else plan.say(value)


def _label(plan: Plan, times: Sequence[str]) -> str:
    return _("%(title)s, from %(begin)s until now; the table below has the numbers.") % {
        "title": plan.title,
        "begin": times[0],
    }
