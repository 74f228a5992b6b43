"""The customer's language is chosen from the exact to the general."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompt_errors import InvalidExamplesError, InvalidLanguageError
from conversations.prompts.wording import (
    EXAMPLE_CHARACTERS,
    EXAMPLES_MAX,
    Wording,
    examples_check,
    language_pick,
    languages_check,
    wording_pick,
)


@pytest.mark.parametrize(
    ("languages", "wanted", "picked"),
    [
        (["de", "de-at"], "de-at", "de-at"),
        (["de"], "de-AT", "de"),
        (["de"], "de_AT", "de"),
        (["de"], "en", None),
        (["de"], "", None),
        (["zh-hans"], "zh-cn", "zh-hans"),
        (["zh-hans"], "zh-hans-cn", "zh-hans"),
        (["zh-hans"], "zh", "zh-hans"),
        (["zh-hant"], "zh-tw", "zh-hant"),
        (["zh-hans"], "zh-tw", "zh-hans"),
        (["zh-cn", "zh-hans"], "zh-cn", "zh-cn"),
        (["de-at"], "de", None),
    ],
)
def test_the_nearest_language_is_picked(
    languages: list[str], wanted: str, picked: str | None
) -> None:
    assert language_pick(languages, wanted) == picked


@given(st.lists(st.sampled_from(["de", "en", "zh-hans", "pt-br"])), st.text())
def test_whatever_is_asked_for_what_is_picked_exists(languages: list[str], wanted: str) -> None:
    assert language_pick(languages, wanted) in {None, *languages}


def test_a_translation_speaks_with_its_own_examples_alone() -> None:
    main = Wording("Be kind.", [{"customer": "Hi", "answer": "Hello!"}])
    translations: dict[str, dict[str, Any]] = {
        "de": {"instructions": "Sei freundlich."},
        "fr": {"instructions": "Sois aimable.", "examples": [{"customer": "?", "answer": "!"}]},
    }
    assert wording_pick(main, translations, "de-at") == Wording("Sei freundlich.", ())
    assert wording_pick(main, translations, "fr").examples == [{"customer": "?", "answer": "!"}]
    assert wording_pick(main, translations, "it") is main


@pytest.mark.parametrize(
    "examples",
    [
        [{"customer": "Hi"}],
        [{"customer": "", "answer": "Hello"}],
        [{"customer": "Hi", "answer": " \n"}],
        [{"customer": 1, "answer": "Hello"}],
        [{"customer": "Hi", "answer": "x" * (EXAMPLE_CHARACTERS + 1)}],
        [{"customer": "Hi", "answer": "Hello"}] * (EXAMPLES_MAX + 1),
    ],
)
def test_an_example_that_is_half_or_too_much_is_refused(examples: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidExamplesError):
        examples_check(examples)


def test_as_many_and_as_long_examples_as_allowed_are_accepted() -> None:
    examples_check([{"customer": "Hi", "answer": "x" * EXAMPLE_CHARACTERS}] * EXAMPLES_MAX)


@pytest.mark.parametrize("language", ["", "german", "DE", "de_AT", "d", "de-", "../x"])
def test_what_is_no_language_is_refused(language: str) -> None:
    with pytest.raises(InvalidLanguageError) as caught:
        languages_check({language: {"instructions": "x"}})
    assert caught.value.languages == (language,)


def test_a_translation_that_says_nothing_is_refused() -> None:
    with pytest.raises(InvalidLanguageError):
        languages_check({"de": {"instructions": " "}})
    languages_check({"zh-hans": {"instructions": "友善。"}})
