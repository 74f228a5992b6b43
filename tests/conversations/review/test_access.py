"""Who may see what of a conversation is decided in one place, and by nothing but permissions."""

from __future__ import annotations

import uuid

import pytest

from chatsite.roles import EDITORS, OPERATORS, ROLES, SUPPORT
from conversations.models import Conversation, Customer
from conversations.review.access import (
    BLIND,
    EVERYTHING,
    HIDDEN,
    IDENTITY,
    METADATA,
    NOTHING,
    TEXT,
    Access,
    access_of,
    eyes_on,
    names_pattern,
)

ADA = Customer(
    external_id="c-4711",
    name="Ada Lovelace",
    email="ada@engine.example",
    attributes={"plan": "gold", "address": {"city": "Ockham"}, "orders": [77301, 2], "vip": True},
)


def conversation(**more: object) -> Conversation:
    return Conversation(visitor=uuid.uuid4(), page_url="https://shop.example/lamps", **more)


@pytest.mark.parametrize(
    ("role", "access"),
    [
        (SUPPORT, EVERYTHING),
        (EDITORS, Access(metadata=True, text=True, identity=False)),
        (OPERATORS, Access(metadata=True, text=False, identity=False)),
    ],
)
def test_each_role_sees_what_its_work_needs(role: str, access: Access) -> None:
    assert access_of(ROLES[role].__contains__) == access


def test_each_step_is_a_permission_and_nothing_goes_without_the_first() -> None:
    assert access_of({TEXT, IDENTITY}.__contains__) == NOTHING
    assert access_of(set[str]().__contains__) == NOTHING
    assert access_of({METADATA, TEXT}.__contains__).text
    assert not access_of({METADATA, IDENTITY}.__contains__).text


def test_what_the_customer_is_known_by_is_left_out_of_texts() -> None:
    editor = Access(metadata=True, text=True, identity=False)
    eyes = eyes_on(conversation(customer=ADA), editor)
    said = (
        "Hello ada  lovelace! Is c-4711 or ADA@engine.example right? Mrs. Lovelace of Ockham, "
        "order 77301, on https://shop.example/lamps: you have gold, and 2 lamps."
    )
    seen = eyes.see(said)
    for known in ("ada", "lovelace", "4711", "engine", "Ockham", "77301", "shop.example", "gold"):
        assert known.lower() not in seen.lower(), known
    assert "and 2 lamps" in seen
    assert eyes.see("Adamant golden lamps") == "Adamant golden lamps"


def test_a_chinese_name_is_left_out_wherever_it_stands() -> None:
    pattern = names_pattern(["王小明"])
    assert pattern is not None
    assert pattern.sub(HIDDEN, "您好王小明先生") == f"您好{HIDDEN}先生"


def test_without_text_nothing_of_a_text_is_seen() -> None:
    operator = Access(metadata=True, text=False, identity=True)
    assert eyes_on(conversation(customer=ADA), operator).see("Hello") == ""
    assert BLIND.see("Hello") == ""


def test_who_may_see_everything_sees_a_text_as_it_is() -> None:
    assert eyes_on(conversation(customer=ADA), EVERYTHING).see("Ada Lovelace") == "Ada Lovelace"


def test_nothing_to_hide_hides_nothing() -> None:
    assert names_pattern(["", "1", "ab"]) is None
