"""Choices of conversations that staff keep under a name."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.http import QueryDict

from conversations.models import SavedView
from conversations.staff_errors import SavedViewError

# Of a list's address, what chooses conversations; a page's number does not.
CHOOSING = (
    *(
        "q",
        "outcome",
        "sign",
        "team",
        "rating",
        "review",
        "verdict",
        "verified",
        "widget",
        "language",
        "version",
    ),
    *("began", "active", "hold", "sample", "alike", "o"),
)
MOST_VIEWS = 30
MOST_CHARACTERS = 500


def view_save(*, owner: User, name: str, address: str, is_shared: bool) -> SavedView:
    """Keep a choice of conversations under a name; the same name again replaces it.

    Args:
        owner: Whose view it is.
        name: What they call it.
        address: The list's query string; what chooses nothing is left out of it.
        is_shared: Whether everybody who reads conversations sees it.

    Raises:
        SavedViewError: It chooses nothing, or is one too many.
    """
    query = query_keep(address)
    if not query or len(query) > MOST_CHARACTERS:
        raise SavedViewError
    with transaction.atomic():
        others = SavedView.objects.select_for_update().filter(owner=owner).exclude(name=name)
        if len(others) >= MOST_VIEWS:
            raise SavedViewError
        view, _is_new = SavedView.objects.update_or_create(
            owner=owner, name=name, defaults={"query": query, "is_shared": is_shared}
        )
    return view


def view_delete(*, owner: User, view: int) -> bool:
    """Delete a view; one of somebody else is not there."""
    deleted, _rows = SavedView.objects.filter(pk=view, owner=owner).delete()
    return deleted > 0


def query_keep(address: str) -> str:
    """Return of a query string what chooses conversations, each name once, in a fixed order."""
    given = QueryDict(address)
    kept = QueryDict(mutable=True)
    for name in CHOOSING:
        if value := given.get(name):
            kept[name] = value
    return kept.urlencode()


def query_tidy(given: QueryDict) -> str:
    """Return a query string without the names that say nothing."""
    said = QueryDict(mutable=True)
    for name, values in given.lists():
        said.setlist(name, [value for value in values if value])
    return said.urlencode()
