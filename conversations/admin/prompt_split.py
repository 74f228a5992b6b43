"""A split test: its figures, its beginning and its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.prompt_forms import DespiteForm, NoteForm
from conversations.admin.prompt_links import (
    may_publish,
    needs_colleague,
    template_crumbs,
    workshop_url,
)
from conversations.admin.prompt_proof import is_red
from conversations.models import PromptSplit, PromptTemplate, PromptVersion
from conversations.prompt_errors import PromptError, PublishConflictError
from conversations.prompts.results import split_results
from conversations.prompts.splits import split_begin, split_end, split_running, splits_of
from conversations.schedule_errors import SplitClosedError
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person

Admin = Page[PromptTemplate]


class BeginForm(DespiteForm, NoteForm):
    """Which version is tried, and on how many."""

    challenger = forms.ChoiceField(label=gettext_lazy("challenger"))
    percent = forms.IntegerField(
        label=gettext_lazy("its share of new conversations, in percent"),
        min_value=1,
        max_value=99,
        initial=50,
    )
    field_order = ("challenger", "percent", "despite", "note")

    def __init__(self, data: Any, versions: Sequence[PromptVersion], *, is_red: bool) -> None:
        super().__init__(data, is_red=is_red)
        field = self.fields["challenger"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = [(_as_seen(version), _words(version)) for version in versions]
        self._versions = {_as_seen(version): version for version in versions}

    def version(self) -> PromptVersion:
        """Return the version that a valid form names, as it was seen."""
        return self._versions[self.cleaned_data["challenger"]]


class EndForm(NoteForm):
    """Which version goes on; ``seen`` is the test that the person looked at."""

    winner = forms.ChoiceField(
        label=gettext_lazy("from now on"),
        choices=[("control", ""), ("challenger", "")],
        initial="control",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("winner", "note", "seen")


def split_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Show the figures of ``?test=``, of the running test if not said, else of the last."""
    tests = list(splits_of(template))
    wanted = request.GET.get("test", "")
    shown = next((test for test in tests if str(test.pk) == wanted), tests[0] if tests else None)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Split test"),
        "subtitle": template.name,
        "crumbs": template_crumbs(template),
        "template": template,
        "tests": tests,
        "shown": shown,
        "results": split_results(shown) if shown else None,
        "is_running": any(test.ended_at is None for test in tests),
        "may_publish": may_publish(request),
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/split.html", context)


def split_begin_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Ask which version is tried on whom, and begin when told to."""
    if not may_publish(request):
        raise PermissionDenied
    candidates = _candidates(template)
    are_red = any(is_red(template, version) for version in candidates)
    form = BeginForm(request.POST or None, candidates, is_red=are_red)
    if request.method == "POST" and form.is_valid():
        done = _begin(admin, request, template, form)
        if done is not None:
            return done
    if not candidates or template.live is None:
        messages.info(
            request, _("A test needs a live version and another one: write a draft first.")
        )
        return HttpResponseRedirect(workshop_url(template))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Test a version beside %(live)s?") % {"live": template.live},
            consequences=[
                _("Each new conversation draws one of the two and keeps it."),
                _("Whatever goes live in the meantime, by hand or as scheduled, ends the test."),
                _("If you choose the draft, it gets its number now."),
            ],
            action=_("Begin the test"),
            back=_split_url(template),
            crumbs=template_crumbs(template),
            form=form,
        ),
    )


def split_end_page(admin: Admin, request: HttpRequest, template: PromptTemplate) -> HttpResponse:
    """Ask which of the two goes on, and end the test when told to."""
    if not may_publish(request):
        raise PermissionDenied
    split = split_running(template)
    form = EndForm(request.POST or None, initial={"seen": split.pk if split else None})
    if request.method == "POST" and form.is_valid():
        return _end(admin, request, template, split, form)
    if split is None:
        messages.info(request, _("No test is running."))
        return HttpResponseRedirect(_split_url(template))
    winner = form.fields["winner"]
    assert isinstance(winner, forms.ChoiceField)  # noqa: S101  # declared above
    winner.choices = [
        ("control", _("%(version)s stays live") % {"version": split.control.label}),
        ("challenger", _("%(version)s goes live") % {"version": split.challenger.label}),
    ]
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("End the test of %(one)s and %(other)s?")
            % {"one": split.control.label, "other": split.challenger.label},
            consequences=[
                _("New conversations all get the version you choose."),
                _("Conversations that have begun keep the version they drew."),
            ],
            action=_("End the test"),
            back=_split_url(template),
            crumbs=template_crumbs(template),
            form=form,
        ),
    )


def _begin(
    admin: Admin, request: HttpRequest, template: PromptTemplate, form: BeginForm
) -> HttpResponse | None:
    """Begin it; None if the form must be shown again with what is wrong."""
    said, version = form.cleaned_data, form.version()
    if needs_colleague(request, template, version):
        return HttpResponseRedirect(workshop_url(template))
    try:
        split = split_begin(
            challenger=version,
            percent=said["percent"],
            note=said["note"],
            despite=form.excuse,
            by=person(request),
        )
    except PublishConflictError as error:
        messages.error(request, str(error.explanation))
        return HttpResponseRedirect(workshop_url(template))
    except PromptError as error:
        form.add_error(None, str(error.explanation))
        return None
    words = {"one": split.control.label, "other": split.challenger.label, "percent": split.percent}
    text = _("Began to test %(other)s on %(percent)d%% of new conversations beside %(one)s.")
    admin.log_change(request, template, text % words)
    messages.success(
        request, _("%(other)s is tested on %(percent)d%% of new conversations.") % words
    )
    return HttpResponseRedirect(_split_url(template))


def _end(
    admin: Admin,
    request: HttpRequest,
    template: PromptTemplate,
    split: PromptSplit | None,
    form: EndForm,
) -> HttpResponse:
    said = form.cleaned_data
    is_challenger = said["winner"] == "challenger"
    try:
        ended = split_end(
            split=_as_running(split, said["seen"]),
            with_challenger=is_challenger,
            reason=said["note"],
            by=person(request),
        )
    except PromptError as error:
        messages.error(request, str(error.explanation))
        return HttpResponseRedirect(_split_url(template))
    winner = ended.challenger if is_challenger else ended.control
    words = {"version": winner.label}
    admin.log_change(request, template, _("Ended the test; %(version)s goes on.") % words)
    messages.success(request, _("The test is over. %(version)s goes on.") % words)
    return HttpResponseRedirect(_split_url(template))


def _as_running(split: PromptSplit | None, seen: int) -> PromptSplit:
    if split is None or split.pk != seen:
        raise SplitClosedError
    return split


def _candidates(template: PromptTemplate) -> list[PromptVersion]:
    draft = template.versions.filter(number=None)
    numbered = template.versions.filter(number__isnull=False).exclude(pk=template.live_id or 0)
    return [*draft, *numbered.order_by("-number")]


def _as_seen(version: PromptVersion) -> str:
    # A draft that changes while one chooses is another one.
    return f"{version.pk}@{version.changed_at.isoformat()}"


def _words(version: PromptVersion) -> str:
    return f"{version.label} · {version.note}" if version.note else version.label


def _split_url(template: PromptTemplate) -> str:
    return reverse("admin:conversations_prompttemplate_split", args=[template.pk])
