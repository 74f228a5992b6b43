"""Placeholders are literal, declared, and replaced in one pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompt_errors import MissingValueError, UnknownPlaceholderError
from conversations.prompts.render import (
    placeholders,
    placeholders_check,
    wording_render,
)
from conversations.prompts.wording import Wording
from tests.conversations.prompts.rendering import prompt_render

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
plain_text = st.text().filter(lambda text: "{" not in text and "}" not in text)


def test_a_declared_placeholder_becomes_its_value() -> None:
    text = prompt_render(
        "You speak for {{shop}}. {{shop}}!", [{"name": "shop"}], {"shop": "Harbour"}
    )
    assert text == "You speak for Harbour. Harbour!"


@given(value=st.text(min_size=1))
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    variables = [{"name": "page"}, {"name": "secret"}]
    values = {"page": value, "secret": "opened"}
    assert prompt_render("<{{page}}>", variables, values) == f"<{value}>"


def test_a_value_that_names_another_variable_stays_text() -> None:
    variables = [{"name": "name"}, {"name": "other"}]
    values = {"name": "{{other}}", "other": "leaked"}
    assert prompt_render("Hello {{name}}", variables, values) == "Hello {{other}}"


@given(parts=st.lists(st.tuples(plain_text, names), max_size=6), tail=plain_text)
def test_text_around_placeholders_is_untouched(parts: list[tuple[str, str]], tail: str) -> None:
    instructions = "".join(f"{text}{{{{{name}}}}}" for text, name in parts) + tail
    variables = [{"name": name} for _, name in parts]
    values = {name: f"<{name}>" for _, name in parts}
    expected = "".join(f"{text}<{name}>" for text, name in parts) + tail
    assert prompt_render(instructions, variables, values) == expected


def test_a_default_stands_in_for_a_missing_or_empty_value() -> None:
    variables = [{"name": "tone", "default": "warm"}]
    assert prompt_render("Be {{tone}}.", variables, {}) == "Be warm."
    assert prompt_render("Be {{tone}}.", variables, {"tone": ""}) == "Be warm."


def test_an_optional_variable_without_value_or_default_is_nothing() -> None:
    assert prompt_render("[{{hint}}]", [{"name": "hint", "required": False}], {}) == "[]"


def test_required_variables_without_value_are_all_named() -> None:
    variables = [{"name": name, "required": True} for name in ("shop", "tone", "page")]
    with pytest.raises(MissingValueError) as caught:
        prompt_render("{{shop}}", variables, {"tone": "warm"})
    assert caught.value.names == ("shop", "page")


def test_undeclared_placeholders_are_all_named_in_order() -> None:
    with pytest.raises(UnknownPlaceholderError) as caught:
        placeholders_check("{{b}} {{a}} {{known}} {{b}}", [{"name": "known"}])
    assert caught.value.names == ("b", "a")
    assert "{{b}}, {{a}}" in str(caught.value.explanation)


@pytest.mark.parametrize("written", ["{{ shop }}", "{{Shop}}", "{{}}", "{{shop|upper}}"])
def test_a_near_miss_is_refused_instead_of_reaching_the_model(written: str) -> None:
    with pytest.raises(UnknownPlaceholderError):
        prompt_render(written, [{"name": "shop"}], {"shop": "Harbour"})


def test_single_braces_and_line_breaks_between_braces_are_plain_text() -> None:
    text = 'Answer with {"ok": true}. {{\n}}'
    assert placeholders(text) == ()
    assert prompt_render(text, [], {}) == text


def test_examples_are_filled_like_the_instructions() -> None:
    wording = Wording("You are {{who}}.", [{"customer": "Hi", "answer": "I am {{who}}."}])
    filled = wording_render(wording, [{"name": "who"}], {"who": "{{who}}"})
    assert filled.instructions == "You are {{who}}."
    assert filled.examples == [{"customer": "Hi", "answer": "I am {{who}}."}]
    named = wording_render(wording, [{"name": "who"}], {"who": "Ada"})
    assert named.examples == [{"customer": "Hi", "answer": "I am Ada."}]


@pytest.mark.parametrize("side", ["customer", "answer"])
def test_an_undeclared_placeholder_in_an_example_is_refused(side: str) -> None:
    example = {"customer": "Hi", "answer": "Hello", side: "{{who}}"}
    with pytest.raises(UnknownPlaceholderError):
        wording_render(Wording("Be kind.", [example]), [], {})


def test_a_value_that_does_not_suit_its_type_gives_way_to_the_default() -> None:
    variable = {"name": "n", "type": "number", "default": "7"}
    assert prompt_render("{{n}}", [variable], {"n": "many"}) == "7"
    assert prompt_render("{{n}}", [variable], {"n": "12.5"}) == "12.5"


def test_a_required_variable_is_missing_when_its_value_does_not_suit() -> None:
    with pytest.raises(MissingValueError):
        prompt_render("{{n}}", [{"name": "n", "type": "number", "required": True}], {"n": "x"})
