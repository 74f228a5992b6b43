"""What is typed to pass, and to change how one passes."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from chatsite.factor.codes import DIGITS
from chatsite.factor.models import FactorRule
from chatsite.roles import role_name


def _code_field() -> forms.CharField:
    return forms.CharField(
        label=_("Code from your app"),
        max_length=DIGITS + 2,  # some apps show a space in the middle
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autocapitalize": "off",
                "spellcheck": "false",
                "class": "code-field",
            }
        ),
    )


class CodeForm(forms.Form):
    """A code of the app."""

    code = _code_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs["autofocus"] = True


class RecoveryForm(forms.Form):
    """A recovery code."""

    recovery = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "autofocus": True,
                "class": "code-field",
            }
        ),
    )


class PasswordForm(forms.Form):
    """The password once more, since an open session may be somebody else's hands.

    Args:
        request: It counts as a login of this request's address.
        user: Whose password.
    """

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._request = request
        self._user = user

    @sensitive_variables()
    def clean_password(self) -> str:
        """Refuse what is not theirs."""
        name = self._user.get_username()
        password: str = self.cleaned_data["password"]
        if authenticate(self._request, username=name, password=password) != self._user:
            raise forms.ValidationError(_("This is not your password."))
        return password


class SetUpForm(PasswordForm):
    """The new app's first code; and the password, unless it was typed a moment ago."""

    code = _code_field()
    field_order = ("code", "password")

    def __init__(self, request: HttpRequest, user: User, *args: Any, **options: Any) -> None:
        needs_password = options.pop("needs_password")
        super().__init__(request, user, *args, **options)
        if not needs_password:
            del self.fields["password"]


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes none at run time
    """Roles to choose from, each named in the reader's language."""

    def label_from_instance(self, obj: Model) -> str:
        """Return the name that people read."""
        return role_name(cast("Group", obj))


class RuleForm(forms.Form):
    """The roles that need a second factor."""

    for_superusers = forms.BooleanField(
        label=_("People who may do everything"),
        required=False,
    )
    groups = RolesField(
        label=_("Roles"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        rule = FactorRule.objects.first()
        options["initial"] = {
            "for_superusers": rule.for_superusers if rule else False,
            "groups": rule.groups.all() if rule else (),
        }
        super().__init__(*args, **options)
