"""``manage.py customer``: does as the admin's page does, and says first how much it is."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from conversations.chat.services import Visit
from conversations.models import Conversation, Customer, DataDeed, DeedKind, Widget
from conversations.privacy.holds import hold_set
from tests.conversations.privacy.canaries import tables
from tests.conversations.privacy.test_customers import talk

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "ada@canary.example"


@pytest.fixture
def customer(visit: Visit, widget: Widget) -> Customer:
    """Somebody with two conversations, beside a third that is another's."""
    ada = Customer.objects.create(widget=widget, external_id="4711-canary", email=ADDRESS)
    for _ in range(2):
        talk(visit, ada)
    bob = Customer.objects.create(widget=widget, external_id="bob", email="bob@example.org")
    talk(replace(visit, visitor=uuid4()), bob, "Mine alone")
    return ada


def said(*arguments: str) -> str:
    """Run the command, and return what it tells whoever runs it."""
    told = StringIO()
    call_command("customer", *arguments, stderr=told)
    return told.getvalue()


def answers(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """Type something before the command asks."""
    monkeypatch.setattr("sys.stdin", StringIO(f"{typed}\n"))


@pytest.mark.parametrize("wanted", ["4711-canary", ADDRESS.upper(), "its own id"])
def test_an_export_holds_all_of_one_customer_and_is_noted(
    customer: Customer, wanted: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    said("export", str(customer.pk) if wanted == "its own id" else wanted)
    who, *conversations = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert who["email"] == ADDRESS
    assert [len(row["messages"]) for row in conversations] == [2, 2]
    assert not [row for row in conversations if "notes" in row]
    deed = DataDeed.objects.get()
    assert (deed.kind, deed.by_name, deed.by) == (DeedKind.HANDED_OUT, "manage.py", None)
    assert (deed.customer, deed.conversation_count, deed.is_whole) == (customer.pk, 2, True)


def test_a_file_is_new_and_its_owners_alone(customer: Customer, tmp_path: Path) -> None:
    file = tmp_path / "ada.jsonl"
    said("export", customer.external_id, "--notes", "--file", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "canary-note" in file.read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="File exists"):
        said("export", customer.external_id, "--file", str(file))
    assert DataDeed.objects.count() == 1


@pytest.mark.parametrize("deed", ["export", "erase"])
def test_a_dry_run_says_how_much_and_does_nothing(
    customer: Customer, deed: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    told = said(deed, customer.external_id, "--dry-run")
    assert told == (
        f"'4711-canary' of {customer.widget.name!r}: "
        "2 conversations; 4 messages, 2 ratings, 2 notes.\n"
    )
    assert not capsysbinary.readouterr().out
    assert Conversation.objects.count() == 3
    assert not DataDeed.objects.exists()


def test_nothing_is_left_of_an_erased_customer_and_others_stay(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "2")
    assert said("erase", ADDRESS).endswith("Erased 2 conversations and the customer.\n")
    assert not Customer.objects.filter(pk=customer.pk).exists()
    assert "4711-canary" not in tables()
    assert Conversation.objects.get().opening == "Mine alone"
    deed = DataDeed.objects.get()
    assert (deed.kind, deed.by_name) == (DeedKind.ERASED, "manage.py")
    assert (deed.conversation_count, deed.is_whole) == (2, True)


def test_only_who_types_the_number_erases(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for typed in ("", "1", "3", "yes"):
        answers(monkeypatch, typed)
        with pytest.raises(CommandError, match="Nothing was erased"):
            said("erase", customer.external_id)
    assert Conversation.objects.count() == 3
    said("erase", customer.external_id, "--no-input")
    assert Conversation.objects.count() == 1


def test_what_is_on_hold_stays_and_it_is_said(customer: Customer) -> None:
    officer = User.objects.create_superuser("officer")
    held = Conversation.objects.filter(customer=customer)[0]
    hold_set(subject=held, reason="Court", by=officer, now=timezone.now())
    assert "2 conversations, 1 of them on hold;" in said("erase", ADDRESS, "--dry-run")
    assert "Erased 1 conversations. 1 stay" in said("erase", ADDRESS, "--no-input")
    assert list(Conversation.objects.filter(customer=customer)) == [held]


@pytest.mark.parametrize("wanted", ["4711", "canary", "%", "", "Mine alone", str(uuid4())])
def test_who_is_not_named_in_full_is_nobody(customer: Customer, wanted: str) -> None:
    with pytest.raises(CommandError, match="no such customer"):
        said("erase", wanted, "--no-input")
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_of_two_customers_neither_is_guessed(customer: Customer) -> None:
    there = Widget.objects.create(
        name="\x1b[2JOther", prompt_template=customer.widget.prompt_template
    )
    other = Customer.objects.create(widget=there, external_id="4711", email=ADDRESS)
    with pytest.raises(CommandError) as fault:
        said("erase", ADDRESS, "--no-input")
    told = str(fault.value)
    assert str(customer.pk) in told
    assert str(other.pk) in told
    assert "\x1b" not in told
    said("erase", str(other.pk), "--no-input")
    assert list(Customer.objects.filter(email=ADDRESS)) == [customer]
