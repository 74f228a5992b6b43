from __future__ import annotations

import pytest

from gateway.sandbox.faults import FAULTS, QUIRKS
from gateway.sandbox.misbehaviour import Misbehaviour, misbehaviour_asked, misbehaviour_read


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        ("500", Misbehaviour(status=500)),
        ("status=503", Misbehaviour(status=503)),
        ("429 retry-after 3", Misbehaviour(status=429, retry_after="3")),
        ("429,retry-after=0.5", Misbehaviour(status=429, retry_after="0.5")),
        ("stall", Misbehaviour(stall_after=0)),
        ("Stall 3", Misbehaviour(stall_after=3)),
        ("cut=5", Misbehaviour(cut_after=5)),
        ("slow 1.5", Misbehaviour(word_seconds=1.5)),
        ("once 503", Misbehaviour(status=503, is_once=True)),
        ("once", None),
        ("once explode", None),
        ("200", None),
        ("explode", None),
        ("", None),
    ],
)
def test_a_wish_is_read_in_the_ways_people_write_it(wish: str, asked: Misbehaviour | None) -> None:
    assert misbehaviour_read(wish) == asked


def test_a_header_a_model_and_a_customer_can_ask() -> None:
    asked = Misbehaviour(status=500)
    assert misbehaviour_asked(header="500", model="sandbox-1", text="Hi") == asked
    assert misbehaviour_asked(header="", model="sandbox-1!500", text="Hi") == asked
    assert misbehaviour_asked(header="", model="sandbox-1", text="/fault 500") == asked


def test_a_customer_who_mentions_a_number_asks_for_nothing() -> None:
    assert misbehaviour_asked(header="", model="sandbox-1", text="500") is None


@pytest.mark.parametrize("name", [*FAULTS, *QUIRKS])
def test_every_scripted_fault_can_be_asked_for_by_its_name(name: str) -> None:
    assert misbehaviour_read(name) not in {None, Misbehaviour()}
