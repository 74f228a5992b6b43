"""The list of conversations: found, narrowed down, and never counted as a whole."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.admin.conversation_given import uuid_of
from conversations.finding.query import Query, query_parse
from conversations.finding.selectors import Hit, conversations_found, hits_first
from conversations.finding.signs import EXPENSIVE_TOKENS, LONG_MESSAGES, LOOP_TIMES
from conversations.finding.snippets import Part
from conversations.finding.words import is_dense
from conversations.models import Conversation, Customer, Outcome, RatingValue
from conversations.review.access import BLIND, NOTHING, Access, Eyes, access_of, eyes_on
from conversations.review.choices import Sign
from conversations.review.questions import conversations_alike
from conversations.review.sample import sample_parse, sample_take
from conversations.review.visible import text_visible
from gateway.admin_parts import cells
from gateway.selectors import ConversationCost, costs_of_conversations

# Deeper than this nobody turns pages; a filter by time leads there as well.
MOST_PAGES = 200
# Of a name that more customers bear, the search wants more of it.
MOST_CUSTOMERS = 50

TONES = {
    Outcome.OPEN: cells.RUNNING,
    Outcome.ANSWERED: cells.GOOD,
    Outcome.STOPPED: cells.QUIET,
    Outcome.BROKEN: cells.WARNING,
    Outcome.NONE: cells.BAD,
}


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


def opening_cell(conversation: Conversation) -> SafeString:
    """Return a conversation's first words, why to look at it, and what was found in it."""
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    eyes = eyes_of(conversation)
    words = text_visible(" ".join(eyes.see(conversation.opening).split()))
    return format_html(
        '<a class="opening untrusted" href="{}">{}</a>{}{}',
        address,
        words if eyes.access.text else _("Conversation %(id)s") % {"id": str(conversation.pk)[:8]},
        _signs_cell(conversation),
        _hit_cell(address, getattr(conversation, "hit", None), eyes),
    )


def eyes_of(conversation: Conversation) -> Eyes:
    """Return with which eyes a row of the list is looked at; a row of no list shows nothing."""
    eyes: Eyes = getattr(conversation, "eyes", BLIND)
    return eyes


def outcome_cell(conversation: Conversation) -> SafeString | str:
    """Return what the newest question has come to, and how many answers went wrong."""
    if not conversation.outcome:
        return cells.UNKNOWN
    outcome = Outcome(conversation.outcome)
    state = cells.state_cell(TONES[outcome], outcome.label)
    count = conversation.failed_count
    if count <= (outcome in {Outcome.BROKEN, Outcome.NONE}):
        return state
    failed = ngettext("%(count)d failed", "%(count)d failed", count)
    return format_html('{} <span class="sign">{}</span>', state, failed % {"count": count})


def visitor_cell(conversation: Conversation) -> SafeString:
    """Return as much of a visitor's id as tells two apart, and the language of their browser."""
    return format_html(
        '<code title="{}">{}</code> <span class="untrusted">{}</span>',
        _("A browser: nobody has verified who uses it"),
        str(conversation.visitor)[:8],
        text_visible(conversation.locale),
    )


def thumbs_cell(conversation: Conversation) -> SafeString | str:
    """Return how many answers the customer rated, down before up."""
    counts = [
        (cells.BAD, RatingValue.DOWN, getattr(conversation, "thumbs_down", 0)),
        (cells.GOOD, RatingValue.UP, getattr(conversation, "thumbs_up", 0)),
    ]
    labels = [
        (cells.state_cell(tone, f"{value.label} · {count}" if count > 1 else value.label),)
        for tone, value, count in counts
        if count
    ]
    return format_html_join(" ", "{}", labels) or cells.UNKNOWN


def review_cell(conversation: Conversation) -> SafeString | str:
    """Return whether staff have read a conversation, or who is reading it."""
    review = getattr(conversation, "review", None)
    if review and review.reviewed_count >= conversation.message_count:
        return cells.state_cell(cells.GOOD, _("Read"), str(review.done_by or ""))
    if review and review.reviewer and review.assigned_at:
        return cells.state_cell(cells.RUNNING, str(review.reviewer))
    return cells.UNKNOWN


def prompt_cell(conversation: Conversation) -> SafeString:
    """Return a prompt's version; its template's name, which rarely tells two apart, on hover."""
    version = conversation.prompt_version
    return format_html('<span title="{}">{}</span>', version, version.label)


def costs_cell(costs: list[ConversationCost]) -> str:
    """Return what something has cost, in each currency; what is not known is said."""
    sums = [cells.money(cost.cost, cost.currency) for cost in costs if cost.cost is not None]
    if any(cost.has_unknown for cost in costs):
        sums.append(_("unknown"))
    return " + ".join(sums) or cells.UNKNOWN


def _hit_cell(address: str, hit: Hit | None, eyes: Eyes) -> SafeString:
    if hit is None:
        return SafeString("")
    words = format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>" if part.is_hit else "{}", text_visible(part.text)),)
            for part in eyes_parts(eyes, hit.parts)
        ),
    )
    return format_html(
        '<a class="hit untrusted" href="{}#message-{}">{}</a>{}',
        address,
        hit.position,
        words,
        format_html(' <span class="hits">{}</span>', _more(hit.count - 1)) if hit.count > 1 else "",
    )


def eyes_parts(eyes: Eyes, parts: list[Part]) -> list[Part]:
    """Return the parts as somebody sees them; a name that goes over their edges hides them all."""
    whole = "".join(part.text for part in parts)
    seen = [Part(eyes.see(part.text), part.is_hit) for part in parts]
    return (
        seen
        if eyes.see(whole) == "".join(part.text for part in seen)
        else [Part(eyes.see(whole), is_hit=False)]
    )


def _more(count: int) -> str:
    return ngettext("and %(count)d more message", "and %(count)d more messages", count) % {
        "count": count
    }


def _signs_cell(conversation: Conversation) -> SafeString:
    signs = {
        Sign.HUMAN: conversation.has_asked_for_human,
        Sign.LOOP: conversation.most_repeated >= LOOP_TIMES,
        Sign.LONG: conversation.message_count >= LONG_MESSAGES,
        Sign.EXPENSIVE: conversation.tokens >= EXPENSIVE_TOKENS,
    }
    shown = [(sign.label,) for sign, is_so in signs.items() if is_so]
    waits = getattr(conversation, "waits_for_team", False)
    return format_html(
        "{}{}",
        cells.state_cell(cells.WARNING, _("Waits for a person")) if waits else "",
        format_html_join("", '<span class="sign">{}</span>', shown),
    )
