"""An answer in a transcript becomes a test case of its prompt, by one press of a button."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.admin.cases import case_url
from conversations.admin.judging import back_to
from conversations.case_errors import CaseError
from conversations.models import Conversation, PromptCase, Reply
from conversations.proving.services import case_from_reply
from conversations.review.access import access_of
from gateway.admin_parts.page import Page, person

ADD_CASE = "conversations.add_promptcase"


def case_take_page(
    _admin: Page[Conversation], request: HttpRequest, conversation: Conversation, position: int
) -> HttpResponse:
    """Make a test case of the answer at a position, once, and come back to it."""
    if not (access_of(request.user.has_perm).text and request.user.has_perm(ADD_CASE)):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    reply = Reply.objects.filter(
        message__conversation=conversation, message__position=position
    ).first()
    if reply is None:
        raise Http404
    try:
        case, is_new = case_from_reply(reply=reply, author=person(request))
    except CaseError as error:
        messages.error(request, str(error.explanation))
    else:
        messages.success(request, _said(request, case, is_new=is_new))
    return back_to(conversation, request, f"#message-{position}")


def _said(request: HttpRequest, case: PromptCase, *, is_new: bool) -> SafeString:
    words = _("The answer is a test case now:") if is_new else _("It is a test case already:")
    name: object = case.name
    if request.user.has_perm("conversations.view_prompttemplate"):
        name = format_html('<a href="{}">{}</a>', case_url(case), case.name)
    return format_html("{} {} · {}", words, name, case.template.name)
