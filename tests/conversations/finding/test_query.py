"""What somebody types is never syntax, and means what people mean by it."""

from __future__ import annotations

import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.finding.query import (
    MOST_PHRASES,
    as_fts5,
    as_needles,
    as_tsquery,
    places_found,
    query_parse,
)
from conversations.finding.words import terms_located, terms_of
from conversations.models.terms import FTS_MATCHES


@pytest.mark.parametrize(
    ("text", "fts5", "tsquery"),
    [
        ("", "", ""),
        ("!!", "", ""),
        ("Refund", '"refund" *', "('refund':*)"),
        ("to", '"to"', "('to')"),
        ("退", '"退" *', "('退':*)"),
        ("退款", '"退款"', "('退款')"),
        ("退款政策", '"退款 款政 政策"', "('退款' <-> '款政' <-> '政策')"),
        ('"gift card"', '"gift card"', "('gift' <-> 'card')"),
        ("“gift card”", '"gift card"', "('gift' <-> 'card')"),
        ("「礼品卡」", '"礼品 品卡"', "('礼品' <-> '品卡')"),
        ("a-12345", '"a 12345" *', "('a' <-> '12345':*)"),
        ("gift 卡", '"gift" * OR "卡" *', "('gift':*) | ('卡':*)"),
        ("x OR NOT y*", '"x" OR "or" OR "not" * OR "y"', None),
        ("terms:a^2", '"terms a 2"', "('terms' <-> 'a' <-> '2')"),
    ],
)
def test_a_query_is_read_as_people_mean_it(text: str, fts5: str, tsquery: str | None) -> None:
    query = query_parse(text)
    assert as_fts5(query) == fts5
    assert tsquery is None or as_tsquery(query) == tsquery
    assert bool(query) == bool(fts5)


@given(
    text=st.text(alphabet="ab 退款政", max_size=20), query=st.text(alphabet='ab 退款"', max_size=8)
)
def test_needles_stand_in_the_terms_of_what_is_marked_and_in_no_others(
    text: str, query: str
) -> None:
    terms = " {} ".format(" ".join(terms_of(text)))
    parsed = query_parse(query)
    is_found = any(needle in terms for needle in as_needles(parsed))
    assert is_found == bool(places_found(terms_located(text), parsed))


def test_a_query_has_an_end() -> None:
    assert len(query_parse("a b c d e f g h i j k l").phrases) == MOST_PHRASES
    assert as_fts5(query_parse("x" * 100_000)) == '"' + "x" * 40 + '" *'


def test_the_same_word_twice_is_asked_once() -> None:
    assert len(query_parse("refund Refund REFUND").phrases) == 1


SYNTAX = st.text(
    alphabet="\"'\\:*&|!()<->^-+{} NEAR AND OR NOT terms 退款a%_;\x00\t“”「」", max_size=60
)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=SYNTAX | st.text(max_size=40))
def test_no_query_is_an_error_to_the_database(text: str) -> None:
    query = query_parse(text)
    if not query:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(FTS_MATCHES, [as_fts5(query)])
        else:
            cursor.execute("SELECT %s::tsquery", [as_tsquery(query)])
        cursor.fetchall()


def marked(text: str, query: str) -> str:
    places = places_found(terms_located(text), query_parse(query))
    for start, end in reversed(places):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("My refunds, please: REFUND!", "refund", "My [refunds], please: [REFUND]!"),
        ("我想退款，退款吗", "退款", "我想[退款]，[退款]吗"),
        ("我想退款", "款", "我想退[款]"),
        ("退款政策是什么", "退款政策", "[退款政策]是什么"),
        ("退款的政策", "退款政策", "退款的政策"),
        ("a gift, a card", '"gift card"', "a gift, a card"),
        ("a gift-card", '"gift card"', "a [gift-card]"),
        ("Crème!", "creme", "[Crème]!"),
        ("nothing", "refund", "nothing"),
    ],
)
def test_hits_are_where_they_stand_in_the_text(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown


@given(
    text=st.text(alphabet="退款政策 ab", max_size=30), query=st.text(alphabet="退款ab ", max_size=6)
)
def test_what_is_marked_holds_what_was_asked(text: str, query: str) -> None:
    text = unicodedata.normalize("NFC", text)
    places = places_found(terms_located(text), query_parse(query))
    assert places == sorted(places)
    for start, end in places:
        assert any(word[0] in text[start:end] for word in query.split())
