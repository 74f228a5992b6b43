"""Which language a text is in, told by its script and its small words; unsure is said so.

Chinese, Japanese and Korean are known by their scripts. Languages in Latin script are known by
the words that hardly any sentence does without. Everything else is unknown, and unknown never
passes a check.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD = re.compile("[a-z\u00e0-\u024f]+(?:['\u2019][a-z]+)?")
_APART: Final = re.compile(r"`[^`]*`|https?://\S+|\S+@\S+|\S+\.\w+/\S*")  # no language's own

# A wide character says as much as a Latin word of about three letters.
_WIDE_WEIGHT: Final = 3
_LEAST_HITS: Final = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "en": _words(
        "the and of to is are you your we our it for with not have has can this that from "
        "at by be will if or as us please yes i"
    ),
    "de": _words(
        "der die das und ist sind sie ihr ihre wir unser nicht mit für von zu den dem ein "
        "eine einen können haben auf wenn oder bitte ich es im am"
    ),
    "fr": _words(
        "le la les et est sont vous votre vos nous notre ne pas avec pour de des du un "
        "une dans que qui sur si ou merci je il au aux"
    ),
    "es": _words(
        "el la los las y es son usted su sus nosotros nuestro no con para de del un una "
        "en que por si o gracias yo se puede le"
    ),
    "it": _words(
        "il lo la gli le e è sono lei suo nostro non con per di del della un una in che "
        "si o grazie può può nei alla"
    ),
    "pt": _words(
        "o a os as e é são você seu sua nosso não com para de do da dos um uma em que por "
        "se ou obrigado pode no na"
    ),
    "nl": _words(
        "de het een en is zijn u uw wij ons onze niet met voor van te op dat die als of "
        "kunt kan heeft hebben bij naar"
    ),
}
LANGUAGES: Final = ("zh", "ja", "ko", *_SMALL_WORDS)


def language_of(text: str) -> str:
    """Return the language most of a text is in, one of ``LANGUAGES``, or "" if unsure."""
    text = _APART.sub(" ", text)
    latin = len(_LATIN.findall(text))
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    hangul = len(_HANGUL.findall(text))
    if _WIDE_WEIGHT * (kana + han + hangul) > latin:
        if hangul > kana + han:
            return "ko"
        # Japanese hardly makes a sentence without kana; Chinese has none.
        return "ja" if _WIDE_WEIGHT * kana > han else "zh"
    return _latin_language(text.lower())


def _latin_language(text: str) -> str:
    words = Counter(word.replace("\u2019", "'").split("'")[0] for word in _WORD.findall(text))
    hits = sorted(
        (
            (sum(words[small] for small in smalls), language)
            for language, smalls in _SMALL_WORDS.items()
        ),
        reverse=True,
    )
    (most, language), (second, _other) = hits[:2]
    return language if most >= _LEAST_HITS and most > second else ""
