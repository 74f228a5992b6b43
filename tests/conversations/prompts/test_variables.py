"""A variable has a name of its own, and values that suit its type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompt_errors import InvalidValueError, InvalidVariablesError
from conversations.prompts.variables import value_fill, value_fits, variables_check
from tests.conversations.prompts.rendering import prompt_render

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@given(names=st.lists(names, unique=True))
def test_distinct_names_are_accepted(names: list[str]) -> None:
    variables_check([{"name": name} for name in names])


@pytest.mark.parametrize("faulty", ["", "two words", "1st", "a-b", "{{x}}"])
def test_a_name_that_is_no_name_is_refused(faulty: str) -> None:
    with pytest.raises(InvalidVariablesError) as caught:
        variables_check([{"name": "fine"}, {"name": faulty}])
    assert caught.value.names == (faulty,)


def test_a_name_declared_twice_is_refused_once() -> None:
    with pytest.raises(InvalidVariablesError) as caught:
        variables_check([{"name": "shop"}, {"name": "shop"}])
    assert caught.value.names == ("shop",)


def test_a_chinese_name_is_a_name() -> None:
    variables_check([{"name": "店名"}])
    assert prompt_render("{{店名}}", [{"name": "店名"}], {"店名": "港湾"}) == "港湾"


@pytest.mark.parametrize("value", ["0", "-3", "12.50", "999999999999999"])
def test_a_number_is_a_number(value: str) -> None:
    assert value_fits({"type": "number"}, value)


@pytest.mark.parametrize("value", ["", "x", "1,5", "1.", ".5", "1e3", "٣", "1\n"])
def test_what_is_no_plain_number_is_none(value: str) -> None:
    assert not value_fits({"type": "number"}, value)


@given(value=st.text(), choices=st.lists(st.text(), max_size=4))
def test_a_choice_is_one_of_its_list(value: str, choices: list[str]) -> None:
    variable = {"type": "choice", "choices": choices}
    assert value_fits(variable, value) == (value in choices)


@given(value=st.text(min_size=1))
def test_any_text_suits_a_text(value: str) -> None:
    assert value_fits({"type": "text"}, value)
    assert value_fits({}, value)


@pytest.mark.parametrize("value", [None, "", "gold"])
def test_the_default_stands_in_for_a_value_that_is_missing_or_unfit(value: str | None) -> None:
    variable = {"type": "choice", "choices": ["a", "b"], "default": "b"}
    assert value_fill(variable, value) == "b"
    assert value_fill({**variable, "default": ""}, value) == ""
    assert value_fill(variable, "a") == "a"


@pytest.mark.parametrize(
    "variable",
    [
        {"type": "colour"},
        {"type": "choice"},
        {"type": "choice", "choices": []},
        {"type": "choice", "choices": ["a"], "default": "b"},
        {"type": "number", "sample": "many"},
        {"source": "moon"},
        {"source": "customer.attribute"},
        {"source": "customer.attribute", "attribute": ""},
        {"source": "page.attribute"},
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(variable: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        variables_check([{"name": "fine"}, {"name": "odd", **variable}])
    assert caught.value.names == ("odd",)


def test_a_declaration_that_goes_together_is_accepted() -> None:
    variables_check(
        [
            {"name": "a", "type": "number", "default": "1", "sample": "2"},
            {"name": "b", "type": "choice", "choices": ["x", "y"], "default": "y"},
            {"name": "c", "source": "customer.attribute", "attribute": "plan"},
        ]
    )
