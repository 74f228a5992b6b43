from __future__ import annotations

from typing import Any

import pytest

from conversations.models import Widget
from conversations.widget.wording import Wording, texts_are_fit, wording_of


def widget(**fields: Any) -> Widget:
    return Widget(
        name="Harbour",
        greeting="Ahoy",
        suggested_questions=["One?", " ", 7, "Two?"],
        placeholder="Ask",
        launcher_label="Help",
        away_text="Back {day}",
        team_text="Write to us",
        **fields,
    )


FOR_ALL = Wording("Harbour", "Ahoy", ("One?", "Two?"), "Ask", "Help", "Back {day}", "Write to us")


def test_without_texts_of_its_own_a_language_gets_those_for_all() -> None:
    assert wording_of(widget(), "zh-hans") == FOR_ALL


def test_a_language_has_its_own_words_text_by_text() -> None:
    texts = {
        "zh-hans": {
            "title": "港湾",
            "greeting": " 您好 ",
            "questions": ["问？"],
            "label": "",
            "team": "留言",
        }
    }
    chinese = wording_of(widget(texts=texts), "zh-hans")
    assert chinese == Wording("港湾", "您好", ("问？",), "Ask", "Help", "Back {day}", "留言")
    assert wording_of(widget(texts=texts), "en") == FOR_ALL


def test_a_region_inherits_from_its_language() -> None:
    texts = {"pt": {"title": "Porto", "label": "Ajuda"}, "pt-br": {"label": "Ajude-me"}}
    wording = wording_of(widget(texts=texts), "pt-br")
    assert (wording.title, wording.label) == ("Porto", "Ajude-me")


@pytest.mark.parametrize(
    "texts", [None, [], "x", {"en": None}, {"en": []}, {"en": {"title": 7, "questions": "x"}}]
)
def test_what_makes_no_sense_is_passed_over(texts: Any) -> None:
    assert wording_of(widget(texts=texts), "en") == FOR_ALL


def test_no_more_than_four_questions_are_shown() -> None:
    own = {"en": {"questions": ["1", "2", "3", "4", "5"]}}
    assert wording_of(widget(texts=own), "en").questions == ("1", "2", "3", "4")


@pytest.mark.parametrize(
    ("texts", "is_fit"),
    [
        ({}, True),
        ({"en": {"title": "x" * 80, "questions": ["One?"]}}, True),
        ({"en": {"title": "x" * 81}}, False),
        ({"en": {"title": ""}}, False),
        ({"en": {"questions": "One?"}}, False),
        ({"en": {"questions": ["x" * 121]}}, False),
        ({"en": {"colour": "red"}}, False),
        ({"en": ["title"]}, False),
        ([], False),
    ],
)
def test_only_texts_that_a_page_can_show_are_kept(texts: Any, is_fit: bool) -> None:  # noqa: FBT001
    assert texts_are_fit(texts) is is_fit
