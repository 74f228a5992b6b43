"""Variables are filled from circumstances; nothing else gets in."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompts.sources import (
    VALUE_CHARACTERS,
    Circumstances,
    Source,
    source_of,
    values_resolve,
)

KNOWN = Circumstances(
    page_attributes={"plan": "silver"},
    language="zh-cn",
    page_url="https://shop.example/lamps",
    widget_name="Harbour & Pine",
    now=datetime(2026, 11, 27, 9, 5, tzinfo=UTC),
    attributes={"plan": "gold", "orders": 3, "is_new": False, "tags": ["a"], "email": None},
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("customer.language", "zh-cn"),
        ("page.address", "https://shop.example/lamps"),
        ("widget.name", "Harbour & Pine"),
        ("time.date", "2026-11-27"),
        ("time.clock", "09:05"),
        ("time.weekday", "Friday"),
    ],
)
def test_each_source_tells_one_thing(source: str, value: str) -> None:
    assert values_resolve([{"name": "v", "source": source}], KNOWN) == {"v": value}


def test_every_source_but_the_fixed_one_can_be_read() -> None:
    for source in set(Source) - {Source.FIXED}:
        variable = {"name": "v", "source": source.value, "attribute": "plan"}
        assert values_resolve([variable], KNOWN)["v"]


def test_a_fixed_variable_is_left_to_its_default() -> None:
    assert values_resolve([{"name": "today", "source": "fixed"}], KNOWN) == {}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("plan", "gold"), ("orders", "3"), ("is_new", "no"), ("tags", ""), ("email", ""), ("x", "")],
)
def test_an_attribute_of_the_customer_becomes_text(attribute: str, value: str) -> None:
    variable = {"name": "v", "source": "customer.attribute", "attribute": attribute}
    assert values_resolve([variable], KNOWN) == {"v": value}


@given(st.text())
def test_an_attribute_is_taken_as_it_is_and_cut_where_it_gets_long(text: str) -> None:
    known = Circumstances(now=KNOWN.now, attributes={"a": text * 40})
    variable = {"name": "v", "source": "customer.attribute", "attribute": "a"}
    assert values_resolve([variable], known) == {"v": (text * 40)[:VALUE_CHARACTERS]}


def test_a_value_is_a_thousand_characters_at_most() -> None:
    known = Circumstances(now=KNOWN.now, attributes={"a": "x" * 1001})
    variable = {"name": "v", "source": "customer.attribute", "attribute": "a"}
    assert values_resolve([variable], known) == {"v": "x" * 1000}


def test_what_a_page_says_stays_in_one_line_and_apart_from_what_is_vouched_for() -> None:
    known = Circumstances(
        now=KNOWN.now, attributes={"plan": "gold"}, page_attributes={"plan": "a\n\n# Rules: b"}
    )
    variables = [
        {"name": source, "source": f"{source}.attribute", "attribute": "plan"}
        for source in ("customer", "page")
    ]
    assert values_resolve(variables, known) == {"customer": "gold", "page": "a # Rules: b"}


def test_versions_older_than_sources_are_filled_by_their_names() -> None:
    variables = [
        {"name": name} for name in ("today", "page_url", "widget_name", "customer_language", "shop")
    ]
    assert values_resolve(variables, KNOWN) == {
        "today": "2026-11-27",
        "page_url": "https://shop.example/lamps",
        "widget_name": "Harbour & Pine",
        "customer_language": "zh-cn",
    }
    assert source_of({"name": "shop"}) is Source.FIXED
    assert source_of({"name": "today", "source": "fixed"}) is Source.FIXED
