"""Short names for what a script alone knows: its variables and its private members. Pure.

A name that stands at the script's top level is one thing everywhere, any other one thing within
its statement there, whatever its scope; so a new name in all these places changes nothing. Names
that others read stay: properties, methods, keys, and what a browser knows. Which of the script's
words a browser knows, a test asks a browser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count, product
from typing import Final, NamedTuple

from conversations.widget.tokens import Token, words_in

KEYWORDS: Final = frozenset(
    words_in(
        "arguments async await break case catch class const constructor continue default delete "
        "do else export extends false finally for from function get if import in instanceof let "
        "new null of return set static super switch this throw true try typeof undefined var void "
        "while yield "
    )
)
# What the scripts take from the browser, and those of their own words that it knows as well.
BROWSER: Final = frozenset(
    words_in(
        "AbortController addEventListener Array atob AudioContext Boolean clearTimeout close "
        "closed console crypto CSSStyleSheet CustomEvent Date decodeURIComponent dispatchEvent "
        "document encodeURIComponent Error event external fetch find focus frames GainNode "
        "getSelection globalThis history Infinity Intl JSON length localStorage location Map "
        "matchMedia Math menu name navigator Node Notification Number Object onclose onload "
        "onmessage onopen open opener origin OscillatorNode parent parseInt postMessage print "
        "Promise ResizeObserver Response screen self Set setTimeout status stop Storage String "
        "TextEncoder top toString trustedTypes Uint8Array URL URLSearchParams WebSocket when "
        "window "
    )
)
_BEGIN_STATEMENT: Final = frozenset(words_in("async class const function if let new "))
# After these a brace opens an object or its pattern; after all others, a block.
_BEFORE_OBJECT: Final = frozenset({*"(,=[?:&|.", "return", "const", "let", "of", "in", "await"})
_BEFORE_MEMBER: Final = frozenset({*"{};*", "get", "set", "static", "async"})
# What a word in an object is, by what follows it.
_KEY_KINDS: Final = {
    ":": "property",
    "(": "property",
    ",": "shorthand",
    "}": "shorthand",
    "=": "shorthand",
}
_EVERYWHERE: Final = -1
# As often as English has them: what is compressed later had better use few letters often.
_LETTERS: Final = "etnrisouaflchpdvmgybwESxTNCkLAOMDPHBjFIqRUzWXVJKQGYZ"


class _Variable(NamedTuple):
    at: int
    statement: int
    is_shorthand: bool  # ``{ name }`` is a key as well, and the key stays


def names_shorten(tokens: Sequence[Token]) -> list[str]:
    """Return the text of each token, with short names in the place of long ones.

    The script must not take an object apart at its top level, as in ``const { a } = b;``.

    Args:
        tokens: Of the whole script.
    """
    texts = [token.text for token in tokens]
    kept = {word for token in tokens if token.kind == "template" for word in words_in(token.text)}
    variables = [variable for variable in _variables(tokens) if texts[variable.at] not in kept]
    words: dict[int, Counter[str]] = {_EVERYWHERE: Counter()}
    for at, statement, _ in variables:
        words.setdefault(statement, Counter())[texts[at]] += 1
    taken = kept | KEYWORDS | BROWSER
    # Those that are few, since they must differ from all others, leave the shortest to the many.
    everywhere = _short(words.pop(_EVERYWHERE), taken, letters=2)
    taken |= set(everywhere.values())
    short = {statement: _short(counted, taken, letters=1) for statement, counted in words.items()}
    short[_EVERYWHERE] = everywhere
    for at, statement, is_shorthand in variables:
        name = short[statement][texts[at]]
        texts[at] = f"{texts[at]}:{name}" if is_shorthand else name
    return texts


def _short(words: Counter[str], taken: Collection[str], *, letters: int) -> dict[str, str]:
    """Return a name for each word, the shortest for the most frequent; ``#`` has its own."""
    plain, private = _every_name(letters), _every_name(letters)
    return {
        word: f"#{next(private)}"
        if word.startswith("#")
        else next(name for name in plain if name not in taken)
        for word, _ in words.most_common()
    }


def _every_name(letters: int) -> Iterator[str]:
    for size in count(letters):
        yield from ("".join(name) for name in product(_LETTERS, repeat=size))


def _variables(tokens: Sequence[Token]) -> Iterator[_Variable]:
    """Yield each place where a name stands that nobody else reads."""
    places, statements = list(_places(tokens)), list(_statements(tokens))
    kinds = [_kind(tokens, at, place) for at, place in enumerate(places)]
    everywhere = {
        token.text
        for token, kind, place in zip(tokens, kinds, places, strict=True)
        if kind == "variable" and place == "top"
    }
    for at, (token, kind) in enumerate(zip(tokens, kinds, strict=True)):
        word = token.text
        if kind in {"variable", "shorthand"}:
            statement = _EVERYWHERE if word in everywhere else statements[at]
            yield _Variable(at, statement, kind == "shorthand")


def _places(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield for each token what it stands in: a class, an object, a block, a bracket, the top."""
    around = ["top"]
    is_class = False
    for at, (kind, text, _) in enumerate(tokens):
        before = tokens[at - 1].text if at else ";"
        if kind == "sign" and text in ")]}":
            around.pop()
        yield around[-1]
        after = tokens[at + 1].text if at + 1 < len(tokens) else ";"
        is_class = is_class or (text == "class" and before != "." and after != ":")
        if kind == "sign" and text in "([{":
            around.append(_opened(text, before, is_class=is_class))
            is_class = is_class and text != "{"


def _opened(bracket: str, before: str, *, is_class: bool) -> str:
    if bracket != "{":
        return "bracket"
    if is_class:
        return "class"
    return "object" if before in _BEFORE_OBJECT else "block"


def _statements(tokens: Sequence[Token]) -> Iterator[int]:
    """Yield for each token the number of the statement at the top level that it belongs to."""
    number = 0
    for at, place in enumerate(_places(tokens)):
        is_end = at > 0 and place == "top" and tokens[at - 1].text in {";", "}"}
        number += is_end and tokens[at].text in _BEGIN_STATEMENT
        yield number


def _kind(tokens: Sequence[Token], at: int, place: str) -> str:
    """Return what a token is: a variable, a shorthand, or something whose name stays."""
    kind, text, _ = tokens[at]
    if kind != "word" or text[0].isdigit() or text in KEYWORDS or text in BROWSER:
        return "other"
    before = [token.text for token in tokens[max(0, at - 3) : at]] or [";"]
    after = tokens[at + 1].text if at + 1 < len(tokens) else ";"
    if text[0] == "#":
        return "variable"
    is_property = before[-1] == "." and before != [".", ".", "."]
    if is_property or (place == "class" and before[-1] in _BEFORE_MEMBER):
        return "property"
    if place == "object" and before[-1] in {"{", ",", "get", "set", "async"}:
        return _KEY_KINDS.get(after, "variable")
    return "variable"
