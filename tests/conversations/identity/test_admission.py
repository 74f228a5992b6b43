"""Who is let in with what, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from conversations.errors import (
    IdentityExpiredError,
    IdentityInvalidError,
    IdentityRequiredError,
    InvalidTokenError,
)
from conversations.identity.admission import Admission, admit, admit_identity, tokens_revoke
from conversations.identity.revocations import (
    revocation_check,
    revocations_forget,
    revocations_since,
    token_subjects_revoke,
)
from conversations.identity.secrets import signing_secret_add
from conversations.identity.tokens import Session, session_token_make, session_token_read
from conversations.models import Customer, Revocation, Widget
from tests.conversations.identity.website import token_make

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=59)
KEY = "shop-key"


@pytest.fixture
def secret(widget: Widget) -> str:
    return signing_secret_add(widget=widget).text


def sign_in(widget: Widget, secret: str, token: str | None = None, **claims: Any) -> Admission:
    said = {"sub": "7", "name": "Ada", "exp": NOW.timestamp() + 60, **claims}
    identity = token_make(secret, **said)
    return admit_identity(widget=widget, token=token, identity=identity, now=NOW)


def come_back(widget: Widget, admission: Admission, now: datetime = LATER) -> Admission:
    return admit(widget=widget, token=admission.token, session=admission.session_token, now=now)


def come_in(widget: Widget, token: str | None = None) -> Admission:
    return admit(widget=widget, token=token, session=None, now=NOW)


def test_a_new_browser_is_a_new_visitor(widget: Widget) -> None:
    first, second = come_in(widget), come_in(widget)
    assert first.owner.visitor != second.owner.visitor
    assert (first.owner.customer, first.session_token, first.name) == (None, None, "")
    assert come_in(widget, first.token).owner == first.owner


def test_the_websites_word_becomes_a_session(widget: Widget, secret: str) -> None:
    admission = sign_in(widget, secret)
    customer = Customer.objects.get()
    assert (admission.owner.customer, admission.name) == (customer.pk, "Ada")
    again = come_back(widget, admission)
    assert (again.owner, again.name) == (admission.owner, "Ada")
    assert again.session_token == admission.session_token


def test_signing_in_keeps_the_browser(widget: Widget, secret: str) -> None:
    visitor = come_in(widget)
    assert sign_in(widget, secret, visitor.token).owner.visitor == visitor.owner.visitor


def test_a_session_is_over_in_time_and_not_renewed_by_itself(
    widget: Widget, secret: str, settings: Settings
) -> None:
    admission = sign_in(widget, secret)
    again = come_back(widget, admission)
    with pytest.raises(IdentityExpiredError):
        come_back(widget, again, NOW + timedelta(minutes=60))
    settings.SESSION_TOKEN_MINUTES = 2
    with pytest.raises(IdentityExpiredError):
        come_back(widget, admission)


def test_a_session_is_of_one_widget(widget: Widget, secret: str) -> None:
    admission = sign_in(widget, secret)
    other = Widget.objects.create(name="Other", prompt_template=widget.prompt_template)
    with pytest.raises(IdentityInvalidError):
        admit(widget=other, token=None, session=admission.session_token, now=NOW)


def test_a_customer_who_is_gone_has_no_session(widget: Widget, secret: str) -> None:
    admission = sign_in(widget, secret)
    Customer.objects.all().delete()
    with pytest.raises(IdentityExpiredError):
        come_back(widget, admission)


def test_a_token_for_another_use_is_no_session(widget: Widget) -> None:
    visitor = come_in(widget)
    with pytest.raises(IdentityInvalidError):
        admit(widget=widget, token=None, session=visitor.token, now=NOW)
    session = session_token_make(Session.begin(uuid4(), NOW), widget.public_key)
    with pytest.raises(InvalidTokenError):
        come_in(widget, session)


@pytest.mark.parametrize("token", ["", "x", ":::", "\ud800", "\x00", "é" * 100])
def test_nonsense_is_no_session(token: str) -> None:
    with pytest.raises(IdentityInvalidError):
        session_token_read(token, KEY, NOW)


def test_a_session_token_tells_what_it_was_made_of() -> None:
    session = Session.begin(uuid4(), NOW)
    assert session_token_read(session_token_make(session, KEY), KEY, NOW) == session


def test_a_widget_for_signed_in_customers_refuses_all_others(widget: Widget, secret: str) -> None:
    visitor = come_in(widget)
    widget.is_verified_only = True
    for token in (None, visitor.token):
        with pytest.raises(IdentityRequiredError) as refused:
            come_in(widget, token)
    assert "setUser" in refused.value.hint
    assert come_back(widget, sign_in(widget, secret)).owner.customer


def test_an_identity_that_is_not_believed_makes_no_customer(widget: Widget, secret: str) -> None:
    with pytest.raises(IdentityInvalidError):
        sign_in(widget, "another secret")
    assert not Customer.objects.exists()


def test_signing_out_ends_the_browser_and_the_session_but_not_the_customer(
    widget: Widget, secret: str
) -> None:
    admission, elsewhere = sign_in(widget, secret), sign_in(widget, secret)
    tokens = [admission.token, str(admission.session_token), "nonsense"]
    tokens_revoke(widget_key=widget.public_key, tokens=tokens, now=NOW)
    with pytest.raises(InvalidTokenError):
        come_in(widget, admission.token)
    with pytest.raises(IdentityExpiredError):
        admit(widget=widget, token=None, session=admission.session_token, now=NOW)
    assert come_back(widget, elsewhere).owner.customer == admission.owner.customer


def test_a_revoked_browser_does_not_sign_in_either(widget: Widget, secret: str) -> None:
    visitor = come_in(widget)
    token_subjects_revoke(subjects=[visitor.owner.visitor], now=NOW)
    with pytest.raises(InvalidTokenError):
        sign_in(widget, secret, visitor.token)


def test_another_widgets_tokens_are_not_ended_by_this_one(widget: Widget) -> None:
    visitor = come_in(widget)
    tokens_revoke(widget_key="another", tokens=[visitor.token], now=NOW)
    assert come_in(widget, visitor.token).owner == visitor.owner


def test_a_revoked_customer_comes_back_with_a_new_word(widget: Widget, secret: str) -> None:
    admission = sign_in(widget, secret)
    assert admission.owner.customer
    token_subjects_revoke(subjects=[admission.owner.customer], now=NOW)
    with pytest.raises(IdentityExpiredError):
        come_back(widget, admission)
    identity = token_make(secret, sub="7", exp=LATER.timestamp() + 60)
    back = admit_identity(widget=widget, token=None, identity=identity, now=LATER)
    assert come_back(widget, back).owner.customer == admission.owner.customer
    token_subjects_revoke(subjects=[admission.owner.customer], now=LATER)
    with pytest.raises(IdentityExpiredError):
        come_back(widget, back)


def test_who_has_no_token_costs_no_read() -> None:
    revocation_check(visitor=None, session=None)  # without a database, a read would fail


def test_a_browser_that_comes_back_costs_one_read(
    widget: Widget, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = come_in(widget)
    with django_assert_num_queries(1):
        come_in(widget, visitor.token)


def test_an_admission_knows_what_ends_it(widget: Widget, secret: str) -> None:
    admission, visitor = sign_in(widget, secret), come_in(widget)
    assert admission.session
    assert admission.owner.customer
    soon, before = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
    assert not admission.is_ended_by({uuid4(): soon})
    assert admission.is_ended_by({admission.owner.visitor: before})
    assert admission.is_ended_by({admission.session.id: before})
    assert admission.is_ended_by({admission.owner.customer: soon})
    assert not admission.is_ended_by({admission.owner.customer: before})
    assert visitor.is_ended_by({visitor.owner.visitor: before})
    assert not visitor.is_ended_by({uuid4(): before})


@pytest.mark.django_db
def test_revocations_are_told_since_a_moment_and_forgotten_with_the_last_token() -> None:
    old, new = uuid4(), uuid4()
    token_subjects_revoke(subjects=[old], now=NOW)
    token_subjects_revoke(subjects=[new], now=NOW + timedelta(days=2))
    assert revocations_since(NOW + timedelta(days=1)) == {new: NOW + timedelta(days=2)}
    assert revocations_forget(NOW + timedelta(days=181)) == 0
    assert revocations_forget(NOW + timedelta(days=182)) == 1
    assert list(Revocation.objects.values_list("subject", flat=True)) == [new]
