"""Ending the tokens of one browser, or of a signed-in customer's sessions, from the transcript."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.identity.revocations import token_subjects_revoke
from conversations.models import Conversation
from conversations.review.access import Eyes, access_of, eyes_on
from conversations.review.visible import text_visible
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person


def may_revoke(request: HttpRequest) -> bool:
    """Return whether this person may end tokens."""
    return bool(request.user.has_perm("conversations.add_revocation"))


def revoke_page(
    admin: Page[Conversation], request: HttpRequest, conversation: Conversation
) -> HttpResponse:
    """Ask, and do it when told to."""
    if not may_revoke(request):
        raise PermissionDenied
    back = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    if request.method == "POST":
        subjects = [conversation.owner_id]
        token_subjects_revoke(subjects=subjects, now=timezone.now(), by=person(request))
        said = _("Ended access to this conversation.")
        admin.log_change(request, conversation, said)
        messages.success(request, said)
        return HttpResponseRedirect(back)
    eyes = eyes_on(conversation, access_of(request.user.has_perm))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("End access to this conversation?"),
            consequences=_consequences(conversation, eyes),
            action=_("End access"),
            back=back,
            crumbs=[
                (_("Conversations"), reverse("admin:conversations_conversation_changelist")),
                (text_visible(eyes.see(conversation.opening)) or _("Conversation"), back),
            ],
            is_destructive=True,
        ),
    )


def _consequences(conversation: Conversation, eyes: Eyes) -> list[str]:
    if conversation.customer:
        name = str(conversation.customer) if eyes.access.identity else _("The customer")
        return [
            _("%(name)s is signed out of the chat in every browser, within seconds.")
            % {"name": text_visible(name)},
            _("They can come back as soon as your website vouches for them again."),
            _("Nothing that was said is deleted."),
        ]
    return [
        _("The browser it was written in loses it, and all its other conversations, for good."),
        _("Chats that are open there end within seconds; a new one can be begun."),
        _("Nothing that was said is deleted."),
    ]
