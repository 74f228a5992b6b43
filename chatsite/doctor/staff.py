"""What people must have set up: widgets that speak and may be seen, and somebody who can log in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from chatsite.counted import counted
from chatsite.doctor.finding import Finding, doubtful, fine, wrong
from chatsite.factor.models import FactorRule
from chatsite.factor.selectors import people_bare
from conversations.models import Widget
from conversations.widget.origins import origin_normalize


@dataclass(frozen=True, slots=True)
class WidgetSetup:
    """What has been set up of a widget.

    Args:
        name: What people call it.
        origins: The websites that may embed it, as they were typed.
        speaks: Whether its prompt has a live version.
    """

    name: str
    origins: Sequence[str]
    speaks: bool


def widgets_check() -> Iterator[Finding]:
    """Look at each active widget."""
    rows = (
        Widget.objects.filter(is_active=True)
        .order_by("pk")
        .values_list("name", "allowed_origins", "prompt_template__live")
    )
    setups = [WidgetSetup(name, origins, live is not None) for name, origins, live in rows]
    if not setups:
        yield doubtful("There is no active widget.", "Add one in the admin.")
    for setup in setups:
        yield from widget_judge(setup)


def widget_judge(setup: WidgetSetup) -> Iterator[Finding]:
    """Judge whether a widget can speak, and where it may be seen."""
    if not setup.speaks:
        yield wrong(f"{setup.name} has no live prompt.", "Publish a version of its prompt.")
    if bad := [text for text in setup.origins if origin_normalize(str(text)) is None]:
        yield wrong(
            f"{setup.name} allows what is no origin: {', '.join(map(str, bad))}.",
            "Write scheme, host and port, as in https://shop.example.com",
        )
    if not setup.origins:
        yield doubtful(
            f"{setup.name} may be embedded nowhere: only its own page shows it.",
            "Name the websites that may embed it.",
        )
    elif not bad:
        yield fine(f"{setup.name} may be embedded by {', '.join(map(str, setup.origins))}.")


def staff_check() -> Iterator[Finding]:
    """Count who can log in, and who can let others in."""
    active = User.objects.filter(is_active=True, is_staff=True)
    superusers = active.filter(is_superuser=True).count()
    yield staff_judge(active.count(), superusers)
    if superusers:
        bare = people_bare().filter(is_superuser=True).count()
        is_required = FactorRule.objects.filter(for_superusers=True).exists()
        yield factor_judge(bare, is_required=is_required)


def factor_judge(bare: int, *, is_required: bool) -> Finding:
    """Judge by how many of those who may do everything have nothing but a password."""
    if bare and is_required:
        have = counted(bare, "has none yet, and sets", "have none yet, and set")
        return doubtful(
            f"Whoever may do everything needs a second factor; {have} one up at the next login.",
            "Until then whoever knows the password can set one up: do so soon.",
        )
    if bare:
        who = counted(
            bare, "person who may do everything logs in", "people who may do everything log in"
        )
        return doubtful(
            f"{who} with a password alone.",
            "Require a second factor: People, Second factor.",
        )
    return fine("Whoever may do everything logs in with a second factor.")


def staff_judge(staff: int, superusers: int) -> Finding:
    """Judge how many people can work here."""
    if not staff:
        return doubtful("Nobody can log in.", "manage.py operator <name>")
    if not superusers:
        return doubtful("Nobody can add people in the admin.", "manage.py operator <name>")
    people = counted(staff, "person", "people")
    return fine(f"{people} can log in; {superusers} can add others.")
