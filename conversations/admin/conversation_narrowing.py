"""What narrows the list of conversations, as its page shows it: chips of what is set, and menus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.admin.views.main import ChangeList
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What a filter is about, and the filters in the order in which people look for them.
GROUPS: Sequence[tuple[Promise, Sequence[str]]] = (
    (_("What happened"), ("sign", "outcome", "rating", "team")),
    (_("What the team did"), ("review", "verdict", "hold", "sample")),
    (_("Who, where and when"), ("verified", "widget", "language", "version", "active")),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter: its value in an address, empty for none, and what it says."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """A filter: its name in an address, what it is about, and its choices, "All" first."""

    name: str
    title: str
    options: Sequence[Option]

    @property
    def chosen(self) -> Option | None:
        """What is chosen of it; None if nothing is."""
        return next((option for option in self.options[1:] if option.is_chosen), None)


@dataclass(frozen=True, slots=True)
class Group:
    """Filters that are about the same."""

    title: str | Promise
    menus: Sequence[Menu]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that narrows the list, and the address of the list without it."""

    title: str
    words: str
    without: str


def menus_offered(changelist: ChangeList) -> list[Menu]:
    """Return the filters of a list, each with its choices."""
    menus = []
    for spec in changelist.filter_specs:
        name = str(getattr(spec, "parameter_name", ""))
        options = [
            Option(
                value=QueryDict(str(choice["query_string"]).removeprefix("?")).get(name, ""),
                words=str(choice["display"]),
                is_chosen=bool(choice["selected"]),
            )
            for choice in spec.choices(changelist)
        ]
        menus.append(Menu(name, str(spec.title), options))
    return menus


def menus_grouped(menus: Sequence[Menu]) -> list[Group]:
    """Return those that one can choose from; what only comes with a link is in no group."""
    named = {menu.name: menu for menu in menus}
    return [
        Group(title, [named[name] for name in names if name in named]) for title, names in GROUPS
    ]


def chips_set(changelist: ChangeList, menus: Sequence[Menu]) -> list[Chip]:
    """Return the filters that are set; the words searched for stand in their own field."""
    return [
        Chip(
            title=menu.title,
            words=menu.chosen.words,
            without=str(changelist.get_query_string(remove=[menu.name])),
        )
        for menu in menus
        if menu.chosen
    ]
