"""A snippet shows the words around what was found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conversations.finding.query import query_parse
from conversations.finding.snippets import AFTER, BEFORE, GAP, snippet


def shown(text: str, query: str) -> str:
    parts = snippet(text, query_parse(query))
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in parts)


def test_a_short_text_is_shown_whole() -> None:
    assert shown("Where is\nmy refund?", "refund") == "Where is my [refund]?"


def test_a_long_text_is_shown_around_its_first_hit() -> None:
    text = "word " * 50 + "refund " + "later " * 50
    found = shown(text, "refund")
    assert found.startswith(f"{GAP}word ")
    assert found.endswith(GAP)
    assert "[refund]" in found
    assert len(found) <= BEFORE + AFTER + 10


def test_chinese_is_cut_where_it_must() -> None:
    found = shown("一" * 100 + "退款" + "二" * 200, "退款")
    assert "[退款]" in found
    assert found.startswith(GAP)


def test_a_text_without_a_hit_is_shown_from_its_beginning() -> None:
    assert shown("a" * 300, "refund") == "a" * (BEFORE + AFTER) + GAP


@given(
    text=st.text(alphabet="ab 退款\n", max_size=400), query=st.sampled_from(["ab", "退", "退款 a"])
)
def test_a_snippet_is_a_piece_of_its_text(text: str, query: str) -> None:
    parts = snippet(text, query_parse(query))
    said = "".join(part.text for part in parts if part.text != GAP)
    assert said in text.replace("\n", " ")
    assert len(said) <= BEFORE + AFTER
