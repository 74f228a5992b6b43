"""A file becomes a template: shown first, part by part, and brought in when somebody agrees."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.prompt_links import may_guard, workshop_url
from conversations.models import PromptTemplate
from conversations.prompt_errors import DocumentError, PlanChangedError, PromptError
from conversations.transfer.document import Edition, document_read
from conversations.transfer.plan import Change, Plan, Step, plan_make
from conversations.transfer.services import template_import_unpublished
from gateway.admin_parts import cells
from gateway.admin_parts.page import Page, person

Admin = Page[PromptTemplate]

MAX_BYTES = 1_000_000  # it is sent twice, and a form's fields have a limit of their own

WORDS = {
    Change.NEW: (cells.GOOD, gettext_lazy("new")),
    Change.SAME: (cells.QUIET, gettext_lazy("the same")),
    Change.DIFFERENT: (cells.WARNING, gettext_lazy("different")),
    Change.REFUSED: (cells.BAD, gettext_lazy("contradicts what is here")),
}


class FileForm(forms.Form):
    """The file to look at."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        help_text=gettext_lazy("As “Download as a file” gave it. Nothing is changed yet."),
        widget=forms.ClearableFileInput({"accept": ".json,application/json"}),
    )

    def clean_file(self) -> str:
        """Return what the file says."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("This page takes files of up to 1 MB."))
        return _text(file.read())


def import_page(admin: Admin, request: HttpRequest) -> HttpResponse:
    """Take a file, show what it would change, and change it when told to."""
    if not (admin.has_add_permission(request) and admin.has_change_permission(request)):
        raise PermissionDenied
    if request.method != "POST":
        return _ask(admin, request, FileForm())
    if "document" in request.POST:
        return _agreed(admin, request, request.POST["document"])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ask(admin, request, form)
    return _show(admin, request, form.cleaned_data["file"], form)


def _ask(admin: Admin, request: HttpRequest, form: FileForm) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Import a file"),
        "crumbs": [_list()],
        "form": form,
        "action": _("Look at it"),
        "back": _list()[1],
    }
    return TemplateResponse(request, "admin/form.html", context)


def _show(admin: Admin, request: HttpRequest, text: str, form: FileForm) -> HttpResponse:
    try:
        plan = plan_make(document_read(text))
    except DocumentError as error:
        form.add_error("file", str(error.explanation))
        return _ask(admin, request, form)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Import “%(name)s”?") % {"name": plan.document.name},
        "crumbs": [_list(), (_("Import a file"), request.path)],
        "plan": plan,
        "text": text,
        "rows": [_row(plan, step) for step in plan.steps],
        "may_guard": may_guard(request) or plan.template is None,
        "has_news": plan.has_news,
        "back": request.path,
    }
    return TemplateResponse(request, "admin/conversations/prompttemplate/plan.html", context)


def _agreed(admin: Admin, request: HttpRequest, text: str) -> HttpResponse:
    """Bring the file in, unless the site has become another since it was looked at."""
    form = FileForm({})
    form.errors.clear()  # it was read before, and may have been tampered with since
    try:
        plan = plan_make(document_read(text))
        if plan.digest != request.POST.get("digest"):
            raise PlanChangedError
        template = template_import_unpublished(
            plan,
            replace="replace" in request.POST,
            may_guard=may_guard(request) or plan.template is None,
            by=person(request),
        )
    except DocumentError as error:
        form.add_error("file", str(error.explanation))
        return _ask(admin, request, form)
    except PromptError as error:
        messages.error(request, str(error.explanation))
        return _show(admin, request, text, form)
    except ValidationError as error:
        form.add_error("file", error.messages)
        return _ask(admin, request, form)
    admin.log_change(request, template, _("Imported from a file."))
    messages.success(
        request, _("“%(name)s” is here as the file says. What is live stays.") % {"name": template}
    )
    return HttpResponseRedirect(workshop_url(template))


def _row(plan: Plan, step: Step) -> tuple[str, str, str]:
    if not isinstance(step.part, Edition):
        name, note = _("Test case “%(name)s”") % {"name": step.part.name}, ""
    elif step.part.number is None:
        name, note = _("Draft"), step.part.note
    else:
        name, note = f"v{step.part.number}", step.part.note
        if step.part.number == plan.document.live:
            name = _("%(version)s, live in the file") % {"version": name}
    tone, words = WORDS[step.change]
    return name, note, cells.state_cell(tone, words)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValidationError(_("Line %(line)d: no UTF-8 text.") % {"line": line}) from error


def _list() -> tuple[str, str]:
    return _("Prompt templates"), reverse("admin:conversations_prompttemplate_changelist")
