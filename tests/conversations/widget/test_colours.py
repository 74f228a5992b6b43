from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsite import settings
from conversations.widget.colours import (
    READABLE,
    SURFACES,
    contrast,
    panel_colours,
    readable_on,
    text_on,
)

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(colours)
def test_what_is_written_on_a_colour_can_be_read(colour: str) -> None:
    assert contrast(text_on(colour), colour) >= READABLE


def test_white_is_preferred_where_both_can_be_read() -> None:
    assert text_on("#1f5f5b") == "#ffffff"
    assert text_on("#767676") == "#ffffff"
    assert text_on("#777777") == "#000000"


def test_the_ratio_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("surface", SURFACES.values())
@given(colour=colours)
def test_an_accent_as_text_can_be_read_on_either_surface(colour: str, surface: str) -> None:
    assert contrast(readable_on(colour, surface), surface) >= READABLE


def test_an_accent_that_can_be_read_is_left_alone() -> None:
    assert readable_on("#24463b", "#ffffff") == "#24463b"


def test_the_panel_gets_each_accent_what_is_written_on_it_and_it_as_text() -> None:
    assert panel_colours("#ffe94d", "#10204a") == {
        "--chatsite-accent-light": "#ffe94d",
        "--chatsite-on-accent-light": "#000000",
        "--chatsite-link-light": readable_on("#ffe94d", "#ffffff"),
        "--chatsite-accent-dark": "#10204a",
        "--chatsite-on-accent-dark": "#ffffff",
        "--chatsite-link-dark": readable_on("#10204a", "#16181d"),
    }


def test_the_surfaces_are_those_of_the_style_sheet() -> None:
    sheet = (settings.BASE_DIR / "static/widget/chat.css").read_text(encoding="utf-8")
    assert f"--chatsite-surface: light-dark(#fff, {SURFACES['dark']});" in sheet
