"""Publishing and going back: asked first, told afterwards."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.admin.prompt_forms import PublishForm, RevertForm
from conversations.admin.prompt_links import (
    may_publish,
    may_revert,
    needs_colleague,
    template_crumbs,
    version_find,
    workshop_url,
)
from conversations.admin.prompt_proof import proof_context
from conversations.admin.prompt_room import room_warnings
from conversations.admin.prompt_settings import setting_changes
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompt_errors import LiveMovedError, PromptError, PublishConflictError
from conversations.prompts.compare import contents_compare
from conversations.prompts.content import PromptContent
from conversations.prompts.pointer import version_was_live
from conversations.prompts.proof import Proof, proof_read
from conversations.prompts.services import version_publish, version_revert
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person

Admin = Page[PromptTemplate]

WITH_COMPARISON = "admin/conversations/prompttemplate/confirmation.html"


def publish_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Ask before the draft goes live, and publish it when told to."""
    if not may_publish(request):
        raise PermissionDenied
    draft = template.versions.filter(number=None).first()
    proof = proof_read(template, PromptContent.of(draft)) if draft else Proof(())
    is_red = bool(proof.red)
    form = PublishForm(request.POST or None, initial=_publish_initial(draft), is_red=is_red)
    if request.method == "POST" and form.is_valid():
        return _publish(admin, request, template, draft, form)
    if draft is None:
        messages.info(request, _("There is no draft to publish: what you see is live."))
        return _to_workshop(template)
    if needs_colleague(request, template, draft):
        return _to_workshop(template)
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Publish the draft of “%(name)s”?") % {"name": template.name},
            consequences=_publish_consequences(template, draft),
            action=_("Publish"),
            back=workshop_url(template),
            crumbs=template_crumbs(template),
            form=form,
        ),
        template=WITH_COMPARISON,
        **proof_context(request, template, proof),
        **comparison_context(template.live, draft),
    )


def revert_page(
    admin: Admin, request: HttpRequest, template: PromptTemplate, number: int
) -> HttpResponse:
    """Ask before a numbered version goes live, again or for the first time, and do it."""
    version = version_find(template, number)
    is_again = version_was_live(version)
    if not (may_revert(request) if is_again else may_publish(request)):
        raise PermissionDenied
    form = RevertForm(request.POST or None, initial={"seen": template.live_id})
    if request.method == "POST" and form.is_valid():
        return _revert(admin, request, template, version, form)
    if version == template.live:
        messages.info(request, _("This version is live already."))
        return _to_workshop(template)
    if needs_colleague(request, template, version):
        return _to_workshop(template)
    title = _("Go back to %(version)s?") if is_again else _("Publish %(version)s?")
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=title % {"version": version},
            consequences=_revert_consequences(template, version),
            action=_("Make %(version)s live") % {"version": version.label},
            back=workshop_url(template),
            crumbs=template_crumbs(template),
            form=form,
        ),
        template=WITH_COMPARISON,
        **comparison_context(template.live, version),
    )


def _publish(
    admin: Admin,
    request: HttpRequest,
    template: PromptTemplate,
    draft: PromptVersion | None,
    form: PublishForm,
) -> HttpResponse:
    seen, note = parse_datetime(form.cleaned_data["seen"]), form.cleaned_data["note"]
    try:
        if draft is None or draft.changed_at != seen:
            raise PublishConflictError
        version = version_publish(
            draft=draft,
            note=note,
            by=person(request),
            with_running=form.cleaned_data["with_running"],
            despite=form.excuse,
        )
    except PromptError as error:
        messages.error(request, str(error.explanation))
        return _to_workshop(template)
    admin.log_change(request, template, _("Published %(version)s.") % {"version": version.label})
    messages.success(request, _published_text(version))
    return _to_workshop(template)


def _revert(
    admin: Admin,
    request: HttpRequest,
    template: PromptTemplate,
    version: PromptVersion,
    form: Form,
) -> HttpResponse:
    said, words = form.cleaned_data, {"version": version.label}
    more: dict[str, Any] = {"by": person(request), "with_running": said["with_running"]}
    is_again = version_was_live(version)
    try:
        if template.live_id != said["seen"]:
            raise LiveMovedError
        if is_again:
            version_revert(template=template, version=version, reason=said["note"], **more)
        else:
            version_publish(draft=version, note=said["note"], **more)
    except PromptError as error:
        messages.error(request, str(error.explanation))
        return _to_workshop(template)
    if is_again:
        admin.log_change(request, template, _("Went back to %(version)s.") % words)
        messages.success(request, _("%(version)s is live again.") % {"version": version})
    else:
        admin.log_change(request, template, _("Published %(version)s.") % words)
        messages.success(request, _published_text(version))
    return _to_workshop(template)


def _published_text(version: PromptVersion) -> str:
    return _("%(version)s is live. New conversations are answered with it.") % {"version": version}


def _publish_consequences(template: PromptTemplate, draft: PromptVersion) -> list[str]:
    widgets = template.widgets.filter(is_active=True).count()
    sentences = [
        ngettext(
            "From now on, new conversations on %(count)d widget are answered with this version.",
            "From now on, new conversations on %(count)d widgets are answered with this version.",
            widgets,
        )
        % {"count": widgets}
        if widgets
        else _("No widget uses this template yet, so customers notice nothing."),
        _("Conversations that have begun keep their version, unless you say otherwise."),
    ]
    if template.live:
        sentences.append(
            _("%(version)s stays in the list; you can go back to it at any time.")
            % {"version": template.live.label}
        )
    return sentences + room_warnings(PromptContent.of(draft))


def _revert_consequences(template: PromptTemplate, version: PromptVersion) -> list[str]:
    return [
        _("From now on, new conversations are answered with %(version)s instead of %(live)s.")
        % {"version": version.label, "live": template.live.label if template.live else "—"},
        _("Conversations that have begun keep their version, unless you say otherwise."),
        _("The draft stays as it is."),
    ]


def _publish_initial(draft: PromptVersion | None) -> dict[str, str]:
    if draft is None:
        return {}
    return {"note": draft.note, "seen": draft.changed_at.isoformat()}


def comparison_context(before: PromptVersion | None, after: PromptVersion) -> dict[str, Any]:
    """Return the context that shows below a question what would change."""
    if before is None:
        return {}
    comparison = contents_compare(PromptContent.of(before), PromptContent.of(after))
    return {
        "before": before,
        "after": after,
        "comparison": comparison,
        "setting_changes": setting_changes(comparison),
    }


def _to_workshop(template: PromptTemplate) -> HttpResponseRedirect:
    return HttpResponseRedirect(workshop_url(template))
