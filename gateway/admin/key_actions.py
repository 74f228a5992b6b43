"""What an operator does with a key: rotate, pause, resume, retire; asked first, always."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.admin.key_add import ModelField, SecretField, error_place
from gateway.admin_parts import cells
from gateway.admin_parts.confirmation import Confirmation, confirmation_page
from gateway.admin_parts.page import Page, person
from gateway.errors import OperationError
from gateway.models import ApiKey
from gateway.models.provider import KeyState
from gateway.services import (
    PAUSABLE,
    RESUMABLE,
    RETIRABLE,
    key_pause,
    key_resume,
    key_retire,
    key_rotate,
    rotation_call_off,
)


@dataclass(frozen=True, slots=True)
class Action:
    """Something done to a key that needs nothing but a yes.

    Args:
        run: The service.
        states: In which states it makes sense.
        verb: What the button says.
        question: The page's title; ``%(label)s`` is the key's.
        consequences: What will happen.
        done: What is said and logged afterwards.
        is_destructive: Whether it cannot be undone.
    """

    run: Callable[..., object]
    states: Collection[KeyState]
    verb: str | Promise
    question: str | Promise
    consequences: tuple[str | Promise, ...]
    done: str | Promise
    is_destructive: bool = False


ACTIONS = {
    "pause": Action(
        run=key_pause,
        states=PAUSABLE,
        verb=gettext_lazy("Pause"),
        question=gettext_lazy("Pause the key “%(label)s”?"),
        consequences=(
            gettext_lazy("It takes no new calls within two seconds; running answers end normally."),
            gettext_lazy("You can resume it at any time."),
        ),
        done=gettext_lazy("Paused the key."),
    ),
    "resume": Action(
        run=key_resume,
        states=RESUMABLE,
        verb=gettext_lazy("Resume"),
        question=gettext_lazy("Let the key “%(label)s” serve again?"),
        consequences=(gettext_lazy("It takes calls again within two seconds."),),
        done=gettext_lazy("Resumed the key."),
    ),
    "abort": Action(
        run=rotation_call_off,
        states=(KeyState.DRAINING,),
        verb=gettext_lazy("Call the rotation off"),
        question=gettext_lazy("Let “%(label)s” serve again, and its successor rest?"),
        consequences=(
            gettext_lazy("It takes calls again within two seconds."),
            gettext_lazy("The key that took its place is paused; nothing is lost."),
        ),
        done=gettext_lazy("Called the rotation off."),
    ),
    "retire": Action(
        run=key_retire,
        states=RETIRABLE,
        verb=gettext_lazy("Retire"),
        question=gettext_lazy("Retire the key “%(label)s” for good?"),
        consequences=(
            gettext_lazy("It takes no new calls, and its secret is forgotten at once."),
            gettext_lazy("This cannot be undone; its row stays for the record."),
            gettext_lazy("The provider still accepts it until you revoke it there."),
        ),
        done=gettext_lazy("Retired the key."),
        is_destructive=True,
    ),
}


class ReplaceForm(forms.Form):
    """The secret that takes over."""

    secret = SecretField()
    model = ModelField()


class WhyForm(forms.Form):
    """Why somebody acts, for the record."""

    why = forms.CharField(
        label=gettext_lazy("why"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For the record; never type a key here."),
    )


def action_page(
    admin: Page[ApiKey], request: HttpRequest, key: ApiKey, *, action: Action
) -> HttpResponse:
    """Ask, and do it when told to."""
    form = WhyForm(request.POST or None)
    if request.method == "POST":
        why = form.cleaned_data["why"] if form.is_valid() else ""
        try:
            action.run(key=key, by=person(request), why=why)
        except OperationError as error:
            messages.error(request, str(error.text))
        else:
            admin.log_change(request, key, str(action.done))
            messages.success(request, str(action.done))
        return HttpResponseRedirect(key_url(key))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=str(action.question) % {"label": key.label},
            consequences=[*map(str, action.consequences), *_last_key(key)],
            action=str(action.verb),
            back=key_url(key),
            crumbs=key_crumbs(key),
            form=form,
            is_destructive=action.is_destructive,
        ),
    )


@sensitive_variables()
def replace_page(admin: Page[ApiKey], request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Take the secret that comes in the key's place."""
    form = ReplaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new, probe = key_rotate(key=key, **form.cleaned_data, by=person(request))
        except (OperationError, vault.VaultError) as error:
            _field, words = error_place(error)
            form.add_error("secret", words)
        else:
            admin.log_change(request, key, _("Rotated the key."))
            messages.success(
                request,
                _("Tested: %(model)s answered in %(took)s. “%(label)s” serves within two seconds.")
                % {
                    "model": probe.model,
                    "took": cells.duration(probe.took_ms),
                    "label": new.label,
                },
            )
            return HttpResponseRedirect(key_url(new))
    return confirmation_page(
        request,
        admin.admin_site,
        Confirmation(
            title=_("Rotate the key “%(label)s”") % {"label": key.label},
            consequences=_replace_consequences(key),
            action=_("Test and rotate"),
            back=key_url(key),
            crumbs=key_crumbs(key),
            form=form,
        ),
    )


def _replace_consequences(key: ApiKey) -> list[str]:
    if key.state == KeyState.OUTDATED:
        return [_("The key takes the secret you enter and serves again within two seconds.")]
    return [
        _("The new key is tested with a real call first. If it fails, nothing changes."),
        _("It takes over within two seconds."),
        _("The old one finishes its running answers and is then retired."),
    ]


def _last_key(key: ApiKey) -> list[str]:
    """Return a warning if nobody is left to answer."""
    serving = ApiKey.objects.filter(provider=key.provider, state=KeyState.ACTIVE)
    if key.state != KeyState.ACTIVE or serving.exclude(pk=key.pk).exists():
        return []
    return [
        _("It is the last active key of %(provider)s: customers get no answer through it.")
        % {"provider": key.provider}
    ]


def key_url(key: ApiKey) -> str:
    """Return the address of the key's page."""
    return reverse("admin:gateway_apikey_change", args=[key.pk])


def key_crumbs(key: ApiKey) -> list[tuple[str, str]]:
    """Return the way to the key's pages."""
    return [
        (_("API keys"), reverse("admin:gateway_apikey_changelist")),
        (key.label, key_url(key)),
    ]
