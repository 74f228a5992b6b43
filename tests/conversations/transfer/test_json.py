"""JSON as people write it: what is none is told with its line, in words for editors."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from conversations.prompt_errors import DocumentError
from conversations.transfer.jsonlines import json_read


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("{\n  'a': 1\n}", 2),
        ('{"a": 1,\n\n "a": 2}', 3),
        ('{"a": {"b": 1,\n"c": [1,\n2,]}}', 3),
        ('{"a": NaN}', 1),
        ("[" * 100_000, 1),
        ('{"a": 1} x', 1),
    ],
)
def test_what_is_no_json_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DocumentError) as caught:
        json_read(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{'a': 1}", "a name in double quotes is missing"),
        ('{"a" 1}', "a colon is missing"),
        ('{"a": 1 "b": 2}', "a comma is missing"),
        ('{"a": }', "a value is missing"),
        ("{} x", "something follows after the end"),
        ('{"a": "1\n2"}', "a line ends or a tab stands within a text"),
        (r'{"a": "\x"}', "a backslash before what needs none"),
        (r'{"a": "\u12"}', "a backslash before what needs none"),
        ('{"a": "', "a text does not end"),
        ('{"a": 1, "a": 2}', "“a” stands twice"),
        ('{"a": Infinity}', "Infinity is no JSON"),
        ("[" * 100_000, "too deep"),
    ],
)
def test_what_is_no_json_is_told_in_the_editors_words(text: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        json_read(text)
    assert caught.value.words == words
    with override("zh-hans"), pytest.raises(DocumentError) as caught:
        json_read(text)
    assert re.search("[\u4e00-\u9fff]", caught.value.words)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.sampled_from([None, 0, 2]))
def test_any_json_is_read_as_others_read_it_and_each_part_has_a_line(
    value: Any, indent: int | None
) -> None:
    text = json.dumps(value, indent=indent)
    located = json_read(text)
    assert located.value == value
    lines = text.split("\n")

    def prove(part: Any, place: tuple[str | int, ...]) -> None:
        line = lines[located.lines[place] - 1]
        children: Any = ()
        if isinstance(part, dict):
            children = part.items()
        elif isinstance(part, list):
            children = enumerate(part)
        else:
            assert json.dumps(part) in line
        for step, inner in children:
            prove(inner, (*place, step))

    prove(value, ())
