"""A widget's signing secrets: made by us, sealed, at the most two of them valid."""

from __future__ import annotations

import base64
import os
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conversations.identity.secrets import (
    signing_secret_add,
    signing_secret_place,
    signing_secret_reseal,
    signing_secret_retire,
    signing_secrets_open,
)
from conversations.models import SigningSecret, Widget
from conversations.staff_errors import SecretRetiredError, TooManySecretsError
from gateway import vault
from gateway.sealed import SealedSecrets, secrets_sealed


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_user("operator")


def test_a_secret_is_long_sealed_and_known_by_its_end(widget: Widget, operator: User) -> None:
    new = signing_secret_add(widget=widget, by=operator)
    row = SigningSecret.objects.get()
    assert len(new.text) >= 43
    assert (row.last_four, row.created_by, row.is_valid) == (new.text[-4:], operator, True)
    assert str(row) == f"…{new.text[-4:]}"
    assert new.text not in row.sealed_secret
    assert new.text not in repr(new)
    assert signing_secrets_open(widget.pk) == [new.text]


def test_two_are_valid_at_a_time_and_no_third(widget: Widget) -> None:
    old = signing_secret_add(widget=widget)
    new = signing_secret_add(widget=widget)
    assert old.text != new.text
    assert set(signing_secrets_open(widget.pk)) == {old.text, new.text}
    with pytest.raises(TooManySecretsError):
        signing_secret_add(widget=widget)
    signing_secret_retire(secret=old.row)
    signing_secret_add(widget=widget)
    assert SigningSecret.objects.count() == 3


def test_a_retired_secret_is_forgotten_and_its_row_tells_by_whom(
    widget: Widget, operator: User
) -> None:
    new = signing_secret_add(widget=widget)
    signing_secret_retire(secret=new.row, by=operator)
    row = SigningSecret.objects.get()
    assert (row.sealed_secret, row.retired_by, row.is_valid) == ("", operator, False)
    assert row.retired_at is not None
    assert signing_secrets_open(widget.pk) == []


def test_a_secret_is_retired_once(widget: Widget, operator: User) -> None:
    new = signing_secret_add(widget=widget)
    signing_secret_retire(secret=new.row, by=operator)
    with pytest.raises(SecretRetiredError):
        signing_secret_retire(secret=new.row)
    assert SigningSecret.objects.get().retired_by == operator


def test_widgets_do_not_share_secrets(widget: Widget) -> None:
    other = Widget.objects.create(name="Other", prompt_template=widget.prompt_template)
    signing_secret_add(widget=other)
    assert signing_secrets_open(widget.pk) == []
    moved = SigningSecret.objects.get()
    moved.widget = widget
    moved.save()
    assert signing_secrets_open(widget.pk) == []


def test_one_that_does_not_open_is_left_out_and_told_of(
    widget: Widget, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    lost = signing_secret_add(widget=widget)
    settings.MASTER_KEYS = [base64.b64encode(os.urandom(32)).decode()]
    kept = signing_secret_add(widget=widget)
    assert signing_secrets_open(widget.pk) == [kept.text]
    assert f"{lost.row} of widget {widget.pk} does not open" in caplog.text


def test_without_a_master_key_none_is_kept(widget: Widget, settings: Settings) -> None:
    settings.MASTER_KEYS = []
    with pytest.raises(vault.MissingMasterKeyError):
        signing_secret_add(widget=widget)
    assert not SigningSecret.objects.exists()


def test_it_is_sealed_again_under_the_first_master_key_once(
    widget: Widget, settings: Settings
) -> None:
    new = signing_secret_add(widget=widget)
    assert not signing_secret_reseal(secret=new.row)
    settings.MASTER_KEYS = [base64.b64encode(os.urandom(32)).decode(), *settings.MASTER_KEYS]
    stale = SigningSecret.objects.get()
    assert signing_secret_reseal(secret=SigningSecret.objects.get())
    assert not signing_secret_reseal(secret=SigningSecret.objects.get())
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    assert signing_secrets_open(widget.pk) == [new.text]
    settings.MASTER_KEYS = settings.MASTER_KEYS * 2
    assert stale.sealed_secret != SigningSecret.objects.get().sealed_secret


def test_who_retires_it_while_it_is_sealed_again_wins(widget: Widget, settings: Settings) -> None:
    stale = signing_secret_add(widget=widget).row
    signing_secret_retire(secret=SigningSecret.objects.get())
    settings.MASTER_KEYS = [base64.b64encode(os.urandom(32)).decode(), *settings.MASTER_KEYS]
    assert not signing_secret_reseal(secret=stale)
    assert SigningSecret.objects.get().sealed_secret == ""


def test_the_master_key_can_be_rotated_with_the_gateways_own_command(
    widget: Widget, settings: Settings
) -> None:
    new, gone = signing_secret_add(widget=widget), signing_secret_add(widget=widget)
    signing_secret_retire(secret=gone.row)
    settings.MASTER_KEYS = [base64.b64encode(os.urandom(32)).decode(), *settings.MASTER_KEYS]
    out = StringIO()
    call_command("rotate_master_key", stdout=out)
    assert out.getvalue().startswith("1 secrets")
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    assert signing_secrets_open(widget.pk) == [new.text]


def test_a_backup_counts_it_and_names_it_when_it_does_not_open(
    widget: Widget, settings: Settings
) -> None:
    new = signing_secret_add(widget=widget)
    assert secrets_sealed() == SealedSecrets(count=1, unreadable=())
    settings.MASTER_KEYS = [base64.b64encode(os.urandom(32)).decode()]
    name = f"signing secret {new.row} of Shop"
    assert secrets_sealed() == SealedSecrets(count=1, unreadable=(name,))
    with pytest.raises(CommandError, match="1 secrets must be entered again"):
        call_command("rotate_master_key", stdout=StringIO(), stderr=(err := StringIO()))
    assert name in err.getvalue()


def test_its_place_is_its_widgets() -> None:
    assert signing_secret_place(3) == {
        "purpose": "signing-secret",
        "owner": "widget:3",
        "host": "",
    }
