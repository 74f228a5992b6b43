"""A template as a file: read back it says the same, and a fault has its line."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompt_errors import DocumentError
from conversations.prompts.content import PromptContent
from conversations.proving.services import CaseContent
from conversations.transfer.document import Document, Edition, document_read, document_write

texts = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=30)
spoken = texts.filter(lambda text: bool(text.strip()))
examples = st.lists(st.fixed_dictionaries({"customer": spoken, "answer": spoken}), max_size=2)
wordings = st.fixed_dictionaries({"instructions": spoken, "examples": examples})
contents = st.builds(
    PromptContent,
    instructions=spoken,
    examples=examples,
    translations=st.dictionaries(st.sampled_from(["de", "zh-hans", "pt-br"]), wordings),
    variables=st.lists(
        st.fixed_dictionaries(
            {"name": st.from_regex(r"[a-z]{1,8}", fullmatch=True)},
            optional={"default": texts, "sample": texts, "required": st.booleans()},
        ),
        max_size=3,
        unique_by=lambda variable: variable["name"],
    ),
    route=st.lists(st.lists(texts, min_size=2, max_size=2), max_size=2),
    temperature=st.none() | st.floats(0, 2),
    max_output_tokens=st.integers(1, 9000),
    history_tokens=st.integers(0, 9000),
    may_cache=st.booleans(),
)
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
cases = st.builds(
    CaseContent,
    name=spoken.map(str.strip),
    is_active=st.booleans(),
    variables=st.dictionaries(texts, spoken, max_size=2),
    turns=st.lists(
        st.fixed_dictionaries(
            {"author": st.sampled_from(["customer", "assistant"]), "text": spoken}
        ),
        max_size=2,
    ).map(lambda turns: [*turns, {"author": "customer", "text": "Two\nlines"}]),
    checks=st.lists(
        st.fixed_dictionaries({"kind": st.just("contains"), "text": spoken})
        | st.just({"kind": "refuses", "text": ""}),
        min_size=1,
        max_size=2,
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    numbers = sorted(draw(st.sets(st.integers(1, 99), max_size=3)))
    return Document(
        name=draw(spoken),
        description=draw(texts),
        needs_second_person=draw(st.booleans()),
        live=draw(st.sampled_from([None, *numbers])),
        versions=[
            Edition(draw(contents), draw(texts), number, draw(moments)) for number in numbers
        ],
        draft=draw(st.none() | st.builds(Edition, contents, texts)),
        cases=draw(st.lists(cases, max_size=2, unique_by=lambda case: case.name)),
    )


@given(documents())
def test_what_was_written_is_read_back_exactly(document: Document) -> None:
    text = document_write(document)
    assert document_read(text) == document
    assert document_write(document_read(text)) == text


BODY = PromptContent(
    instructions="You speak for {{shop}}.\nBe kind.",
    examples=[{"customer": "Hi", "answer": "Hello."}],
    translations={"de": {"instructions": "Sei nett.", "examples": []}},
    variables=[{"name": "shop", "default": "Harbour"}],
    route=[["sandbox", "sandbox-1"]],
)
GOOD = Document(
    name="Shop",
    description="",
    needs_second_person=False,
    live=1,
    versions=[Edition(BODY, "First", 1, datetime(2026, 11, 1, tzinfo=UTC))],
    draft=Edition(BODY),
    cases=[
        CaseContent(
            name="Hours",
            variables={"shop": "Pine"},
            turns=[{"author": "customer", "text": "Open?"}],
            checks=[{"kind": "contains", "text": "nine"}],
        )
    ],
)


def test_a_line_of_the_instructions_is_a_line_of_the_file() -> None:
    text = document_write(GOOD)
    assert '        "You speak for {{shop}}.",\n        "Be kind."\n' in text


def test_a_file_names_nobody_and_ends_with_a_newline() -> None:
    text = document_write(GOOD)
    assert re.findall('"author": "(.*)"', text) == ["customer"]
    assert text.endswith("}\n")


def changed(place: tuple[str | int, ...], value: Any) -> str:
    document = json.loads(document_write(GOOD))
    part = document
    for step in place[:-1]:
        part = part[step]
    if value is None and place[-1] != "live":
        del part[place[-1]]
    else:
        part[place[-1]] = value
    return json.dumps(document, ensure_ascii=False, indent=2)


V = ("versions", 0)
C = ("cases", 0)


@pytest.mark.parametrize(
    ("place", "value", "words", "line_of"),
    [
        (("format",), "other/1", "format: not “chatsite.prompt/1”", '"format"'),
        (("name",), " ", "name: empty", '"name"'),
        (("name",), None, "“name” is missing", "{"),
        (("live",), 7, "live: no version has this number", '"live"'),
        (("live",), True, "live: not of the right kind", '"live"'),
        (("colour",), "red", "colour: unknown", '"colour"'),
        (("versions",), {}, "versions: not of the right kind", '"versions"'),
        (V, [], "versions.0: no object", "    []"),
        ((*V, "number"), 0, "versions: the numbers do not grow", '"versions"'),
        ((*V, "number"), "1", "versions.0.number: not of the right kind", '"number"'),
        ((*V, "published_at"), "soon", "versions.0.published_at: no moment", '"published_at"'),
        (
            (*V, "published_at"),
            "2026-11-01T00:00:00",
            "versions.0.published_at: no moment",
            '"published_at"',
        ),
        ((*V, "temperature"), "hot", "versions.0.temperature: not of", '"temperature"'),
        ((*V, "may_cache"), 1, "versions.0.may_cache: not of the right kind", '"may_cache"'),
        ((*V, "instructions", 1), 5, "versions.0.instructions.1: no text", "        5"),
        ((*V, "route", 0), ["one"], "versions.0.route.0: no provider and model", '"route"'),
        ((*V, "examples", 0), {"customer": ["Hi"]}, "“answer” is missing", '"examples"'),
        ((*V, "translations", "de"), [], "versions.0.translations.de: no object", '"de"'),
        ((*V, "variables", 0), {"colour": "red"}, "colour: unknown", '"colour"'),
        ((*V, "variables", 0, "choices"), [1], "choices.0: no text", "            1"),
        (("cases",), None, "“cases” is missing", "{"),
        (C, {"name": "x"}, "“is_active” is missing", "    {"),
        ((*C, "name"), " x", "cases.0.name: no name", '"name"'),
        ((*C, "variables", "shop"), 5, "cases.0.variables.shop: no text", '"shop"'),
        ((*C, "turns"), [], "cases.0.turns: A case needs", '"turns"'),
        ((*C, "turns", 0, "text"), [1], "cases.0.turns.0.text.0: no text", "            1"),
        ((*C, "checks", 0, "kind"), "feels", "cases.0.checks: Nobody knows", '"checks"'),
        ((*V, "variables"), [], "versions.0: No variable is declared for {{shop}}", "    {"),
    ],
)
def test_a_fault_is_told_with_its_line(
    place: tuple[str | int, ...], value: Any, words: str, line_of: str
) -> None:
    text = changed(place, value)
    with pytest.raises(DocumentError) as caught:
        document_read(text)
    assert caught.value.words.startswith(words) or words in caught.value.words
    line = text.split("\n")[caught.value.line - 1]
    following = text.split("\n")[caught.value.line]
    assert line_of in line or line_of in following or line.strip() in {"{", "["}
    assert f"Line {caught.value.line}: " in str(caught.value.explanation)
    with override("zh-hans"), pytest.raises(DocumentError) as caught:
        document_read(text)
    assert re.search("[\u4e00-\u9fff]", caught.value.words)


@pytest.mark.parametrize("numbers", [(1, 1), (2, 1)])
def test_numbers_that_do_not_grow_are_refused(numbers: tuple[int, int]) -> None:
    document = json.loads(document_write(GOOD))
    version = document["versions"][0]
    document["versions"] = [{**version, "number": number} for number in numbers]
    with pytest.raises(DocumentError) as caught:
        document_read(json.dumps(document))
    assert "do not grow" in caught.value.words


def test_two_cases_of_one_name_are_refused() -> None:
    document = json.loads(document_write(GOOD))
    document["cases"] *= 2
    text = json.dumps(document, ensure_ascii=False, indent=2)
    with pytest.raises(DocumentError, match="document_error") as caught:
        document_read(text)
    assert caught.value.words == "cases.1.name: another case has this name"
    assert text.split("\n")[caught.value.line - 1].strip() == '"name": "Hours",'


def test_a_file_that_is_far_too_long_is_not_looked_into() -> None:
    with pytest.raises(DocumentError, match="document_error"):
        document_read(" " * 5_000_001)
