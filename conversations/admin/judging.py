"""Judging conversations: verdicts and notes beside a transcript, and the queue that leads on."""

from __future__ import annotations

from copy import copy
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.errors import ConversationError
from conversations.models import Conversation, Judgement, Note, Verdict
from conversations.review.access import access_of
from conversations.review.queue import (
    QueueCounts,
    queue_counts,
    review_finish,
    review_next,
    review_skip,
)
from conversations.review.services import (
    Opinion,
    note_add,
    note_delete,
    verdict_give,
    verdict_withdraw,
)
from gateway.admin_parts.page import Page, person

Admin = Page[Conversation]

JUDGE = "conversations.add_verdict"
NOTE = "conversations.add_note"


class VerdictForm(forms.Form):
    """What one thinks of a reply."""

    judgement = forms.ChoiceField(
        choices=Judgement.choices, widget=forms.RadioSelect, label=gettext_lazy("verdict")
    )
    reason = forms.CharField(
        required=False, max_length=500, label=gettext_lazy("reason"), strip=True
    )
    should_have_said = forms.CharField(
        required=False,
        max_length=8000,
        label=gettext_lazy("what it should have said"),
        widget=forms.Textarea({"rows": 3}),
    )
    tags = forms.CharField(
        required=False,
        max_length=400,
        label=gettext_lazy("tags"),
        help_text=gettext_lazy("With commas between them."),
    )

    @classmethod
    def of(cls, position: int, verdict: Verdict | None) -> VerdictForm:
        """Return the form for the reply at a position, with what was thought of it before."""
        initial = {}
        if verdict is not None:
            initial = {
                "judgement": verdict.judgement,
                "reason": verdict.reason,
                "should_have_said": verdict.should_have_said,
                "tags": ", ".join(verdict.tags),
            }
        return cls(initial=initial, auto_id=f"id_{position}_%s")

    @property
    def opinion(self) -> Opinion:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        return Opinion(
            judgement=typed["judgement"],
            reason=typed["reason"],
            should_have_said=typed["should_have_said"],
            tags=typed["tags"].replace("，", ",").split(","),
        )


def verdict_page(
    admin: Admin, request: HttpRequest, conversation: Conversation, position: int
) -> HttpResponse:
    """Take a verdict, or take it back; with a form that does not hold, show it again."""
    _prove(request, JUDGE)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if "withdraw" in request.POST:
        verdict_withdraw(conversation=conversation, position=position)
        messages.success(request, _("Took the verdict back."))
        return back_to(conversation, request, f"#message-{position}")
    form = VerdictForm(request.POST, auto_id=f"id_{position}_%s")
    if form.is_valid():
        try:
            verdict_give(
                conversation=conversation,
                position=position,
                opinion=form.opinion,
                by=person(request),
            )
        except (ConversationError, ValidationError) as error:
            form.add_error(None, _words(error))
        else:
            messages.success(request, _("Kept your verdict."))
            return back_to(conversation, request, f"#message-{position}")
    request.method = "GET"  # the transcript again, with what was typed
    return admin.change_view(
        request, str(conversation.pk), extra_context={"typed": {position: form}}
    )


def note_page(admin: Admin, request: HttpRequest, conversation: Conversation) -> HttpResponse:  # noqa: ARG001 - as each page is called
    """Take a note, or delete one's own."""
    _prove(request, NOTE)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if number := request.POST.get("delete", ""):
        if number.isdecimal() and note_delete(
            note=int(number), conversation=conversation, by=person(request)
        ):
            messages.success(request, _("Deleted your note."))
        return back_to(conversation, request, "#notes")
    try:
        note_add(conversation=conversation, text=request.POST.get("text", ""), by=person(request))
    except (ConversationError, ValidationError) as error:
        messages.error(request, _words(error))
    return back_to(conversation, request, "#notes")


def review_page(admin: Admin, request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Say that a conversation is read, or leave it to others, and go on to the next."""
    _prove(request, JUDGE)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if "skip" in request.POST:
        review_skip(conversation=conversation.pk, person=person(request))
    else:
        review_finish(conversation=conversation.pk, person=person(request), now=timezone.now())
    return _lead_on(admin, request, conversation)


def next_page(admin: Admin, request: HttpRequest) -> HttpResponse:
    """Begin with a queue: lead to the first conversation that waits."""
    _prove(request, JUDGE)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _lead_on(admin, request, None)


def queue_of(admin: Admin, request: HttpRequest, query: str) -> QuerySet[Conversation]:
    """Return the conversations that a list with this query string shows, in its order."""
    asked = copy(request)
    asked.GET = QueryDict(query)
    asked.is_queue = True  # type: ignore[attr-defined]  # get_changelist asks for it
    try:
        shown: QuerySet[Conversation] = admin.get_changelist_instance(asked).queryset
    except IncorrectLookupParameters:
        return admin.get_queryset(request)
    return shown


def judging_context(
    admin: Admin, request: HttpRequest, conversation: Conversation, typed: dict[int, VerdictForm]
) -> dict[str, Any]:
    """Return what the transcript's page needs for judging; nothing for those who may not."""
    may_read = access_of(request.user.has_perm).text
    notes = Note.objects.filter(conversation=conversation).select_related("author")
    context: dict[str, Any] = {
        "may_judge": may_judge(request),
        "may_note": may_read and request.user.has_perm(NOTE),
        "notes": notes if may_read else notes.none(),
        "typed": typed,
        "review": getattr(conversation, "review", None),
    }
    if may_judge(request):
        query = request.GET.get("queue", "")
        context |= {"queue": query, "counts": counts_of(admin, request, query)}
    return context


def counts_of(admin: Admin, request: HttpRequest, query: str) -> QueueCounts:
    """Return how much of the queue with this query string waits."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    queue = queue_of(admin, request, query)
    # What is read to its end waits no longer: a database would look at all of it to find none.
    if QueryDict(query).get("review") == "done":
        queue = queue.none()
    return queue_counts(queue, person(request), midnight)


def back_to(conversation: Conversation, request: HttpRequest, place: str) -> HttpResponseRedirect:
    """Lead back to a place in the transcript, in the same queue."""
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    query = urlencode({"queue": request.POST["queue"]}) if "queue" in request.POST else ""
    return HttpResponseRedirect(f"{address}?{query}{place}" if query else address + place)


def _lead_on(admin: Admin, request: HttpRequest, read: Conversation | None) -> HttpResponseRedirect:
    query = request.POST.get("queue", "")
    following = review_next(
        conversations=queue_of(admin, request, query),
        person=person(request),
        now=timezone.now(),
        after=read.pk if read else None,
    )
    if following is None:
        messages.success(request, _("Nothing waits in this queue any more."))
        address = reverse("admin:conversations_conversation_changelist")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)
    address = reverse("admin:conversations_conversation_change", args=[following])
    return HttpResponseRedirect(f"{address}?{urlencode({'queue': query})}")


def may_judge(request: HttpRequest) -> bool:
    """Return whether this person may judge: only who may read can."""
    return bool(access_of(request.user.has_perm).text and request.user.has_perm(JUDGE))


def _prove(request: HttpRequest, permission: str) -> None:
    if not (access_of(request.user.has_perm).text and request.user.has_perm(permission)):
        raise PermissionDenied


def _words(error: ConversationError | ValidationError) -> str:
    if isinstance(error, ConversationError):
        return str(error.text)
    return " ".join(error.messages)
