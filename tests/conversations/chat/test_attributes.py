from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.attributes import MOST, attributes_merge, attributes_read

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_flat_facts_are_kept_as_they_came() -> None:
    facts = {"plan": "pro", "seats": 7, "rate": 0.5, "is_new": False, "old": None}
    assert attributes_read(facts) == facts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nested", {"a": 1}),
        ("list", [1]),
        ("long", "x" * 201),
        ("huge", 2**53),
        ("endless", float("inf")),
        ("no", float("nan")),
        ("", "nameless"),
        ("two words", "x"),
        ("line\n", "x"),
        ("n" * 41, "x"),
    ],
)
def test_what_is_no_flat_fact_is_dropped_and_the_rest_stays(name: str, value: Any) -> None:
    assert attributes_read({name: value, "plan": "pro"}) == {"plan": "pro"}


@pytest.mark.parametrize("value", [None, "plan", 7, [["plan", "pro"]]])
def test_what_is_no_object_says_nothing(value: Any) -> None:
    assert attributes_read(value) == {}


def test_a_value_at_the_edge_is_kept() -> None:
    assert attributes_read({"n" * 40: "x" * 200, "big": 2**53 - 1}) == {
        "n" * 40: "x" * 200,
        "big": 2**53 - 1,
    }


def test_control_characters_do_not_reach_the_database() -> None:
    assert attributes_read({"plan": "p\x00ro\ud800"}) == {"plan": "pro\N{REPLACEMENT CHARACTER}"}


def test_there_are_only_so_many() -> None:
    many = {f"n{number}": number for number in range(30)}
    assert list(attributes_read(many)) == list(many)[:MOST]
    assert len(attributes_merge(attributes_read(many), {"more": 1})) == MOST


def test_news_replace_what_was_known_and_none_takes_off() -> None:
    assert attributes_merge({"a": 1, "b": 2}, {"b": 3, "a": None, "c": None}) == {"b": 3}


@given(anything)
def test_whatever_comes_can_be_stored(value: Any) -> None:
    kept = attributes_read(value)
    assert len(kept) <= MOST
    json.dumps(kept, allow_nan=False).encode()
