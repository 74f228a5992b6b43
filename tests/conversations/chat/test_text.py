from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.text import UpstreamText, text_clean, utf16_length


def test_it_removes_what_databases_and_terminals_choke_on() -> None:
    assert text_clean(" a\x00b\x1b[31m\u0085\r\nc\td \n") == "ab[31m\nc\td"


def test_it_replaces_lone_surrogates() -> None:
    assert text_clean("a\ud800b\udc00") == "a\ufffdb\ufffd"


def test_it_keeps_direction_marks_and_emoji() -> None:
    assert text_clean("\u202eabc 👩\u200d🚀") == "\u202eabc 👩\u200d🚀"


@given(st.text(alphabet=st.characters(codec=None)))
def test_clean_text_is_utf8_and_stays_clean(text: str) -> None:
    clean = text_clean(text)
    clean.encode()
    assert text_clean(clean) == clean


def test_it_counts_as_javascript_does() -> None:
    assert utf16_length("a退😀") == 4


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"])), st.data())
def test_upstream_may_cut_text_anywhere(text: str, data: st.DataObject) -> None:
    units = text.encode("utf-16-le")
    count = len(units) // 2
    at = sorted(data.draw(st.lists(st.integers(0, count))))
    pieces = [
        units[2 * a : 2 * b].decode("utf-16-le", "surrogatepass")
        for a, b in zip([0, *at], [*at, count], strict=True)
    ]
    upstream = UpstreamText()
    assert "".join([*map(upstream.feed, pieces), upstream.finish()]) == text


def test_half_a_character_is_a_lost_one() -> None:
    upstream = UpstreamText()
    assert upstream.feed("a\ud83d") == "a"
    assert upstream.finish() == "\ufffd"
