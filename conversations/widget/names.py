"""Short names for what a script alone knows: its variables and its private members. Pure.

A name that stands at the script's top level is one thing everywhere, any other one thing within
its statement there, or within its member of a class or object there, whatever its scope; so a new
name in all these places changes nothing. Names
that others read stay: properties, methods, keys, and what a browser knows. Which of the script's
words a browser knows, a test asks a browser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count, product
from typing import Final, NamedTuple, TypeAlias

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
        "matchMedia Math menu name navigator Node Notification Number Object onclick onclose "
        "onload onmessage onopen open opener origin OscillatorNode parent parseInt postMessage "
        "print Promise ResizeObserver Response screen self Set setTimeout status stop Storage "
        "String TextEncoder top toString trustedTypes Uint8Array URL URLSearchParams WebSocket "
        "when window "
    )
)
_BEGIN_STATEMENT: Final = frozenset(words_in("async class const function if let new "))
# After these a brace opens an object or its pattern; after all others, a block.
_BEFORE_OBJECT: Final = frozenset({*"(,=[?:&|.", "return", "const", "let", "of", "in", "await"})
_BEFORE_MEMBER: Final = frozenset({*"{};*", "get", "set", "static", "async"})
# After these a member of a class or object begins.
_BEFORE_PART: Final = {"class": frozenset("{};"), "object": frozenset("{,")}
# What a word in an object is, by what follows it.
_KEY_KINDS: Final = {
    ":": "property",
    "(": "property",
    ",": "shorthand",
    "}": "shorthand",
    "=": "shorthand",
}
# A statement at the top level, and which of its members; 0 for what its members share.
_Part: TypeAlias = tuple[int, int]
_EVERYWHERE: Final[_Part] = (-1, 0)
# As often as English has them: what is compressed later had better use few letters often.
_LETTERS: Final = "etnrisouaflchpdvmgybwESxTNCkLAOMDPHBjFIqRUzWXVJKQGYZ"


class _Variable(NamedTuple):
    at: int
    part: _Part
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
    words: dict[_Part, Counter[str]] = {_EVERYWHERE: Counter()}
    for at, part, _ in variables:
        words.setdefault(part, Counter())[texts[at]] += 1
    taken = kept | KEYWORDS | BROWSER
    # Those that are few, since they must differ from all others, leave the shortest to the many.
    everywhere = _short(words.pop(_EVERYWHERE), taken, letters=2)
    taken |= set(everywhere.values())
    short = {part: _short(counted, taken, letters=1) for part, counted in words.items()}
    short[_EVERYWHERE] = everywhere
    for at, part, is_shorthand in variables:
        name = short[part][texts[at]]
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
    places, parts = list(_places(tokens)), list(_parts(tokens))
    kinds = [_kind(tokens, at, place) for at, place in enumerate(places)]
    everywhere = {
        token.text
        for token, kind, place in zip(tokens, kinds, places, strict=True)
        if kind == "variable" and place == "top"
    }
    for at, (token, kind) in enumerate(zip(tokens, kinds, strict=True)):
        word = token.text
        if kind in {"variable", "shorthand"}:
            statement, member = parts[at]
            part = (statement, 0 if word.startswith("#") else member)
            part = _EVERYWHERE if word in everywhere else part
            yield _Variable(at, part, kind == "shorthand")


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


def _parts(tokens: Sequence[Token]) -> Iterator[_Part]:
    """Yield for each token its statement at the top level, and its member of a class there."""
    statement, member, depth = 0, 1, 0
    for at, place in enumerate(_places(tokens)):
        kind, text, _ = tokens[at]
        before = tokens[at - 1].text if at else ""
        depth -= kind == "sign" and text in ")]}"
        is_new = place == "top" and before in {";", "}"} and text in _BEGIN_STATEMENT
        begins = kind != "sign" and before in _BEFORE_PART.get(place, ())
        statement += is_new
        member = 1 if is_new else member + (begins and depth == 1)
        yield statement, member
        depth += kind == "sign" and text in "([{"


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
