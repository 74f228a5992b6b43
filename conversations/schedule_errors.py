"""What can go wrong with hours, and with tests of two versions; editors read ``explanation``.

PromptError
├── WallClockError            a clock cannot mean one moment by this
│   ├── UnknownZoneError
│   ├── NonexistentTimeError  clocks skip it, because summer time begins
│   └── AmbiguousTimeError    clocks show it twice, because summer time ends
├── ScheduleError             the schedule cannot be kept, or has come to its end
│   ├── PastTimeError
│   ├── EndBeforeStartError
│   ├── NothingToReturnToError  an end needs something that was live before
│   ├── ScheduleOverlapError  another schedule of the template is in the way
│   └── ScheduleClosedError   it has begun or ended in between
└── SplitError                a test of two versions cannot begin or end so
    ├── NothingToTestError
    ├── SplitRunningError
    └── SplitClosedError      it has ended in between
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from conversations.prompt_errors import PromptError


class WallClockError(PromptError):
    """What a clock on the wall shows does not mean one moment."""

    code = "wall_clock"


class UnknownZoneError(WallClockError):
    """There is no time zone of this name."""

    code = "unknown_zone"
    explanation = _("There is no such time zone.")


class NonexistentTimeError(WallClockError):
    """Clocks skip this time, because summer time begins."""

    code = "nonexistent_time"
    explanation = _(
        "This time does not exist there: clocks are put forward that night. Choose one an hour "
        "earlier or later."
    )


class AmbiguousTimeError(WallClockError):
    """Clocks show this time twice, because summer time ends."""

    code = "ambiguous_time"
    explanation = _(
        "This time comes twice there: clocks are put back that night. Choose one an hour earlier "
        "or later, or write it in UTC."
    )


class ScheduleError(PromptError):
    """The schedule cannot be kept, or has come to its end."""

    code = "schedule_error"


class PastTimeError(ScheduleError):
    """The moment has passed already."""

    code = "past_time"
    explanation = _("This moment has passed already.")


class EndBeforeStartError(ScheduleError):
    """The end is not after the start."""

    code = "end_before_start"
    explanation = _("The end must come after the start.")


class NothingToReturnToError(ScheduleError):
    """A version that ends needs another that was live before it."""

    code = "nothing_to_return_to"
    explanation = _(
        "Nothing was live before, so nothing could take over at the end. Publish another version "
        "first, or leave the end open."
    )


class ScheduleOverlapError(ScheduleError):
    """Another schedule of the same template is in the way.

    Args:
        other: The other schedule, in words.
    """

    code = "schedule_overlap"

    def __init__(self, other: str) -> None:
        super().__init__()
        self.explanation = _("Another schedule is in the way: %(other)s.") % {"other": other}


class ScheduleClosedError(ScheduleError):
    """The schedule has begun, ended or been cancelled since this person looked at it."""

    code = "schedule_closed"
    explanation = _("This schedule has begun, ended or been cancelled in the meantime.")


class SplitError(PromptError):
    """A test of two versions cannot begin or end so."""

    code = "split_error"


class NothingToTestError(SplitError):
    """Nothing is live, or both versions are the same, or there is no share to give."""

    code = "nothing_to_test"
    explanation = _(
        "A test needs a live version, another one beside it, and a share from 1 to 99 percent."
    )


class SplitRunningError(SplitError):
    """The template has a test already."""

    code = "split_running"
    explanation = _("This template is tested already. End that test first.")


class SplitClosedError(SplitError):
    """The test has ended since this person looked at it."""

    code = "split_closed"
    explanation = _("This test has ended in the meantime.")
