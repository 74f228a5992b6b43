"""Try it: a draft's answers and the live version's, side by side, before anything is saved."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from conversations.admin.prompt_links import may_test
from conversations.admin.prompt_room import room_warnings
from conversations.admin.prompt_workshop import Forms
from conversations.chat.text import text_clean
from conversations.masking.mask import Mask
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompt_errors import PromptError
from conversations.prompts.content import PromptContent
from conversations.prompts.services import version_to_edit
from conversations.proving.costs import Cost, content_weigh
from conversations.proving.openings import opening_read
from conversations.proving.request import (
    Precautions,
    Purpose,
    precautions_for,
    proving_request,
    turns_read,
)
from conversations.proving.trial import (
    TrialBegan,
    TrialEnded,
    TrialEvent,
    TrialFailed,
    TrialSaid,
    trial_run,
)
from conversations.review.access import access_of
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page
from gateway.engine.types import ChatMessage, ChatRequest, FinishReason, Role

Admin = Page[PromptTemplate]

MAX_TURNS = 60
MAX_CHARACTERS = 60_000
MAX_VALUE = 1000


class UntriableError(Exception):
    """There is nothing to try, for a reason that the editor can do something about."""


def try_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponseBase:
    """Stream the answer of one side as lines of JSON."""
    if not may_test(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        precautions = precautions_for(template)
        ask = _request(admin, request, template, precautions)
    except (UntriableError, PromptError) as error:
        reason = getattr(error, "explanation", None) or error
        return JsonResponse({"type": "failed", "text": str(reason)}, status=400)
    response = StreamingHttpResponse(
        _lines(ask, precautions.mask, get_language() or "en"), content_type="application/x-ndjson"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that gathers would hold the words
    return response


def opening_page(_admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Return how a real conversation began, to those who may read it anyway."""
    access = access_of(request.user.has_perm)
    if not may_test(request) or not access.text:
        raise PermissionDenied
    try:
        opening = opening_read(template, UUID(request.GET.get("conversation", "")), access)
    except ValueError:
        opening = None
    if opening is None:
        raise Http404
    return JsonResponse({"text": opening.text, "values": opening.values})


def weigh_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Return in words how long the draft in the form is, and what its replies cost."""
    if not may_test(request):
        raise PermissionDenied
    try:
        content = _content(admin, request, template, "draft")
    except UntriableError:
        text = _("The form has a mistake, so its length is not known.")
        return JsonResponse({"text": text, "warning": ""})
    weight = content_weigh(content)
    parts = [
        ngettext(
            "About %(count)d token of instructions",
            "About %(count)d tokens of instructions",
            weight.tokens,
        )
        % {"count": weight.tokens}
    ]
    if weight.target:
        parts.append(f"{weight.target.provider} / {weight.target.model}")
    if weight.most.amount is None:
        parts.append(_("its price is unknown"))
    else:
        parts.append(
            _("%(least)s to %(most)s an answer")
            % {
                "least": cells.money(weight.first.amount, ""),
                "most": cells.money(weight.most.amount, weight.most.currency),
            }
        )
    warnings = room_warnings(content)
    return JsonResponse({"text": " · ".join(parts), "warning": " ".join(warnings)})


def _request(
    admin: Admin, request: HttpRequest, template: PromptTemplate, precautions: Precautions
) -> ChatRequest:
    side = request.POST.get("side", "")
    if side not in {"draft", "live"}:
        raise UntriableError(_("Please reload the page."))
    ask = proving_request(
        _content(admin, request, template, side),
        turns=_turns(request.POST.get("turns", "")),
        values=_values(request.POST.get("values", "")),
        purpose=Purpose.TRIAL,
        version=template.live if side == "live" else None,
        precautions=precautions,
    )
    if not ask.route:
        raise UntriableError(_("There is no provider yet that could answer."))
    return ask


def _content(
    admin: Admin, request: HttpRequest, template: PromptTemplate, side: str
) -> PromptContent:
    if side == "live":
        if template.live is None:
            raise UntriableError(_("Nothing is live yet."))
        return PromptContent.of(template.live)
    base: PromptVersion | None = version_to_edit(template)
    if request.method == "POST" and admin.has_change_permission(request, template):
        forms = Forms.make(request.POST, template, base)
        if not forms.are_valid():
            raise UntriableError(_first_error(forms))
        return forms.content()
    if base is None:
        raise UntriableError(_("There is no draft yet."))
    return PromptContent.of(base)


def _first_error(forms: Forms) -> str:
    for form in (forms.about, forms.draft, *forms.variables.forms):
        for name, errors in form.errors.items():
            field = form.fields.get(name)
            return f"{field.label if field else name}: {errors[0]}"
    return _("The form has a mistake; save it to see where.")


def _turns(text: str) -> list[ChatMessage]:
    """Return what was said on this side so far.

    Raises:
        UntriableError: It is too much, or makes no sense, or does not end with a question.
    """
    if len(text) > MAX_CHARACTERS:
        raise UntriableError(_("That is more than can be tried. Please start again."))
    try:
        turns = [
            {"author": turn["author"], "text": text_clean(turn["text"])}
            for turn in json.loads(text)
        ]
        messages = [turn for turn in turns_read(turns) if turn.content]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise UntriableError(_("Please reload the page.")) from fault
    if not messages or messages[-1].role is not Role.USER:
        raise UntriableError(_("Write what a customer might ask."))
    if len(messages) > MAX_TURNS:
        raise UntriableError(_("That is more than can be tried. Please start again."))
    return messages


def _values(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {str(name): text_clean(str(value))[:MAX_VALUE] for name, value in found.items()}


async def _lines(ask: ChatRequest, mask: Mask | None, language: str) -> AsyncGenerator[str, None]:
    async with aclosing(trial_run(ask, mask=mask)) as events:
        async for event in events:
            with override(language):  # the request's own language ended with its view
                line = json.dumps(_told(event), ensure_ascii=False)
            yield f"{line}\n"


def _told(event: TrialEvent) -> dict[str, Any]:
    match event:
        case TrialBegan(target):
            return {"type": "began", "model": f"{target.provider} · {target.model}"}
        case TrialSaid():
            said = {"text": event.text, "blocks": event.blocks, "rest": event.rest}
            return {"type": "said", **said}
        case TrialEnded():
            return {"type": "ended", "block": event.block, "note": _note(event)}
        case TrialFailed(code):
            return {"type": "failed", "text": _("No answer came: %(code)s.") % {"code": code}}


def _note(event: TrialEnded) -> str:
    parts = [_("%(seconds).1f s") % {"seconds": event.seconds}]
    if event.usage:
        parts.append(
            _("%(before)d + %(after)d tokens")
            % {"before": event.usage.prompt_tokens, "after": event.usage.completion_tokens}
        )
    parts.append(cost_words(event.cost))
    if event.reason is FinishReason.LENGTH:
        parts.append(_("cut at the longest answer"))
    if event.reason is FinishReason.FILTERED:
        parts.append(_("held back by the provider's filter"))
    return " · ".join(parts)


def cost_words(cost: Cost) -> str:
    """Return a cost in words; unknown is not zero."""
    if cost.amount is None:
        return _("cost unknown")
    return cells.money(cost.amount, cost.currency)
