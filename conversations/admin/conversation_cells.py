"""Cells of the list of conversations: what a row says of one."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin.conversation_words import language_name
from conversations.finding.selectors import Hit
from conversations.finding.signs import EXPENSIVE_TOKENS, LONG_MESSAGES, LOOP_TIMES
from conversations.finding.snippets import Part
from conversations.models import Conversation, Customer, Outcome, RatingValue
from conversations.review.access import BLIND, Eyes
from conversations.review.choices import Sign, language_family
from conversations.review.visible import text_visible
from gateway.admin_parts import cells
from gateway.selectors import ConversationCost

VOUCHED = gettext_lazy("Verified: signed in at your website")
# Nothing to tell: a card on a phone leaves it out.
NONE_YET = format_html('<span class="none-yet">{}</span>', cells.UNKNOWN)
TONES = {
    Outcome.OPEN: cells.RUNNING,
    Outcome.ANSWERED: cells.GOOD,
    Outcome.STOPPED: cells.QUIET,
    Outcome.BROKEN: cells.WARNING,
    Outcome.NONE: cells.BAD,
}


def opening_cell(conversation: Conversation) -> SafeString:
    """Return a conversation's first words, what was found in it, and what it is about."""
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    eyes = eyes_of(conversation)
    words = text_visible(" ".join(eyes.see(conversation.opening).split()))
    return format_html(
        '<a class="opening untrusted" href="{}">{}</a>{}{}',
        address,
        words if eyes.access.text else _("Conversation %(id)s") % {"id": str(conversation.pk)[:8]},
        _hit_cell(address, getattr(conversation, "hit", None), eyes),
        _about_cell(conversation, eyes),
    )


def _about_cell(conversation: Conversation, eyes: Eyes) -> SafeString:
    """Return the quiet line below: why to look, who wrote where, in what language, to whom."""
    facts = [customer_cell(conversation, eyes), text_visible(conversation.widget.name)]
    if conversation.locale:
        facts.append(text_visible(language_name(language_family(conversation.locale))))
    facts.append(prompt_cell(conversation))
    return format_html(
        '<div class="about">{}<span class="who">{}</span></div>',
        _signs_cell(conversation),
        format_html_join("", "<span>{}</span>", ((fact,) for fact in facts)),
    )


def customer_cell(conversation: Conversation, eyes: Eyes) -> SafeString:
    """Return who wrote: a customer whom the website vouches for, by name for those who may know."""
    customer = conversation.customer
    if customer is None:
        return visitor_cell(conversation)
    return verified_cell(customer if eyes.access.identity else _("Signed in"))


def verified_cell(customer: Customer | str) -> SafeString:
    """Return a signed-in customer's name as a label: the website vouches for it."""
    return cells.state_cell(cells.GOOD, text_visible(str(customer)), VOUCHED)


def eyes_of(conversation: Conversation) -> Eyes:
    """Return with which eyes a row of the list is looked at; a row of no list shows nothing."""
    eyes: Eyes = getattr(conversation, "eyes", BLIND)
    return eyes


def outcome_cell(conversation: Conversation) -> SafeString:
    """Return what the newest question has come to, and how many answers went wrong."""
    if not conversation.outcome:
        return NONE_YET
    outcome = Outcome(conversation.outcome)
    state = cells.state_cell(TONES[outcome], outcome.label)
    count = conversation.failed_count
    if count <= (outcome in {Outcome.BROKEN, Outcome.NONE}):
        return state
    failed = ngettext("%(count)d failed", "%(count)d failed", count)
    return format_html('{} <span class="sign">{}</span>', state, failed % {"count": count})


def visitor_cell(conversation: Conversation) -> SafeString:
    """Return as much of a visitor's id as tells two apart."""
    return format_html(
        '<code title="{}">{}</code>',
        _("A browser: nobody has verified who uses it"),
        str(conversation.visitor)[:8],
    )


def thumbs_cell(conversation: Conversation) -> SafeString:
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
    return format_html_join(" ", "{}", labels) or NONE_YET


def review_cell(conversation: Conversation) -> SafeString:
    """Return whether staff have read a conversation, or who is reading it."""
    review = getattr(conversation, "review", None)
    if review and review.reviewed_count >= conversation.message_count:
        return cells.state_cell(cells.GOOD, _("Read"), str(review.done_by or ""))
    if review and review.reviewer and review.assigned_at:
        return cells.state_cell(cells.RUNNING, str(review.reviewer))
    return NONE_YET


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
