"""What the floors above know of the labels that calls carry: names, and where to look closer.

The gateway knows neither conversations nor prompts; who makes calls may tell it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse

from gateway.figures.tally import Facet

_names: dict[Facet, Callable[[Iterable[str]], Mapping[str, str]]] = {}
_links: dict[str, tuple[str, str]] = {}


def names_register(kind: str, read: Callable[[Iterable[str]], Mapping[str, str]]) -> None:
    """Have the names of a facet told in words.

    Args:
        kind: A value of ``Facet``; a later registration takes its place.
        read: Returns the words for these labels; what it does not know stays a label.
    """
    _names[Facet(kind)] = read


def link_register(label: str, view: str, *, permission: str) -> None:
    """Have a label lead to a page.

    Args:
        label: As calls carry it: ``conversation``.
        view: The name of the page's address, which takes the label's value.
        permission: What a person needs to open it.
    """
    _links[label] = (view, permission)


def names_of(facet: Facet, labels: Iterable[str]) -> dict[str, str]:
    """Return the words for each of these labels."""
    labels = list(labels)
    known = _names[facet](labels) if facet in _names and labels else {}
    return {label: known.get(label, label) for label in labels}


def link_of(label: str, value: str, user: User | AnonymousUser) -> str:
    """Return the address of the page about what is so labelled; nothing if it is not theirs."""
    if not value or label not in _links:
        return ""
    view, permission = _links[label]
    return reverse(view, args=[value]) if user.has_perm(permission) else ""
