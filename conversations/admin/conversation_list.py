"""The list of conversations: found, narrowed down, and never counted as a whole."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from conversations.admin.conversation_given import uuid_of
from conversations.admin.conversation_narrowing import (
    Chip,
    Group,
    Menu,
    chips_set,
    menus_grouped,
    menus_offered,
)
from conversations.finding.query import Query, query_parse
from conversations.finding.selectors import conversations_found, hits_first
from conversations.finding.words import is_dense
from conversations.models import Conversation, Customer
from conversations.review.access import NOTHING, Access, access_of, eyes_on
from conversations.review.questions import conversations_alike
from conversations.review.sample import sample_parse, sample_take
from gateway.selectors import costs_of_conversations

# Deeper than this nobody turns pages; a filter by time leads there as well.
MOST_PAGES = 200
# Of a name that more customers bear, the search wants more of it.
MOST_CUSTOMERS = 50


class ConversationList(ChangeList):
    """One page of conversations, with what was found in each and what each has cost.

    It asks for one row more than it shows instead of counting: among a hundred thousand, how many
    fit costs more to know than which are the newest.
    """

    has_next = False
    access = NOTHING

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        self.access = access_of(request.user.has_perm)
        super().__init__(request, *args, **options)

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Conversation]:
        """Return what the address chooses; a sample is taken of what all the rest leaves."""
        chosen = super().get_queryset(request, exclude_parameters)
        if not self.access.text:
            self.query = ""  # an answer would say what was said
        if self.query:
            chosen = _found(chosen, self.query, self.access)
        alike = uuid_of(str(self.params.get("alike", ""))) if self.access.text else None
        if alike:
            chosen = conversations_alike(chosen, alike)
        sample = sample_parse(str(self.params.get("sample", "")))
        return sample_take(chosen, sample) if sample else chosen

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, and what stands beside its rows, by a fixed number of queries."""
        if not 1 <= self.page_num <= MOST_PAGES:
            raise IncorrectLookupParameters
        first = (self.page_num - 1) * self.list_per_page
        # Which rows comes first, and alone: with all that stands in a row to be joined, SQLite
        # looks at every conversation to find the newest.
        found = list(self.queryset.values_list("pk", flat=True)[first:][: self.list_per_page + 1])
        keys = found[: self.list_per_page]
        self.has_next = len(found) > len(keys)
        self.result_count = first + len(found)
        rows = {row.pk: row for row in self.root_queryset.filter(pk__in=keys)}
        self.result_list = [rows[key] for key in keys if key in rows]
        self.full_result_count, self.show_full_result_count = None, False
        self.show_admin_actions = self.can_show_all = False
        self.multi_page = self.has_next or self.page_num > 1
        hits = hits_first(keys, query_parse(self.query)) if self.query else {}
        costs = costs_of_conversations([str(key) for key in keys])
        for row in self.result_list:
            row.hit, row.costs = hits.get(row.pk), costs.get(str(row.pk), [])
            row.eyes = eyes_on(row, self.access)

    @cached_property
    def menus(self) -> list[Menu]:
        """The filters, with what each offers and what is chosen of it."""
        return menus_offered(self)

    @property
    def chips(self) -> list[Chip]:
        """What narrows the list, each with the way to let go of it alone."""
        return chips_set(self, self.menus)

    @property
    def menu_groups(self) -> list[Group]:
        """The filters that one can choose from, under what they are about."""
        return menus_grouped(self.menus)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new choice of filters leaves as it is: the words searched for, the order."""
        offered = {menu.name for group in self.menu_groups for menu in group.menus}
        return [(name, value) for name, value in self.params.items() if name not in offered]

    @property
    def page_links(self) -> list[tuple[str, str]]:
        """The ways to newer and older conversations, as pairs of words and address."""
        links = []
        if self.page_num > 1:
            links.append((_("Previous page"), self.get_query_string({"p": self.page_num - 1})))
        if self.has_next and self.page_num < MOST_PAGES:
            links.append((_("Next page"), self.get_query_string({"p": self.page_num + 1})))
        return links


def _found(chosen: QuerySet[Conversation], query: str, access: Access) -> QuerySet[Conversation]:
    """Return those in which the words were said, and those of signed-in customers so called.

    Who may not see names finds none by them either, not even where a name was said.
    """
    parsed = query_parse(query)
    by_words = conversations_found(chosen, parsed)
    if not access.identity:
        return by_words.exclude(customer__in=Customer.objects.filter(_names(parsed)))
    called = Q(name__icontains=query) | Q(external_id__iexact=query)
    customers = list(Customer.objects.filter(called).values_list("pk", flat=True)[:MOST_CUSTOMERS])
    if not customers:
        return by_words
    return chosen.filter(Q(customer__in=customers) | Q(pk__in=by_words.order_by().values("pk")))


def _names(query: Query) -> Q:
    """Return the filter for customers who are known by a word of the query."""
    named = Q(pk__in=())
    for term in {term for phrase in query.phrases for term in phrase.terms}:
        # Where scripts put spaces, a word begins so; the cheap question comes first.
        begins = "" if is_dense(term) else r"(^|\W|_)"
        for field in ("name", "external_id", "email"):
            asked = {f"{field}__icontains": term, f"{field}__iregex": begins + term}
            named |= Q(**asked)
    return named


class QueueList(ConversationList):
    """The list without its rows: what it would show is wanted, not a page of it."""

    def get_results(self, request: HttpRequest) -> None:
        """Read nothing."""
        self.result_list = []
        self.result_count, self.full_result_count = 0, None
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
