"""An answer's words, as people count and compare them."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

import nh3

from conversations.markdown import render_markdown

# A Chinese, Japanese or Korean character counts as a word; so does a run of other letters.
_WORD = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
    "|[^\\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+(?:['\u2019.,-][^\\W\u3040-\u30ff"
    "\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+)*"
)

# What a model says when it declines, in our two languages. It is a list of phrases and no
# understanding: a refusal in other words needs a judge.
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:\w+ )?(?:sorry|afraid)|(?:i|we) (?:can(?:'t|not| not)|could(?:n't| not)|"
    r"(?:am|are|'m|'re) (?:not able|unable|not allowed)|(?:won't|will not|must not|may not)|"
    r"(?:don't|do not) (?:have|know)|have not been told|would rather not)|"
    r"(?:unable|not able|not allowed|cannot|can't) (?:to )?(?:help|assist|answer|share|discuss|do)|"
    r"beyond what i can|outside (?:of )?what i)\b"
    r"|抱歉|对不起|很遗憾|无法(?:回答|提供|协助|帮|为您|透露|处理|办理)|不能(?:回答|提供|协助|帮|为您|透露|处理|办理)"
    r"|没有(?:这方面|相关)的?(?:资料|信息)|不便(?:回答|透露)|恕(?:我)?(?:不能|无法)",
    re.IGNORECASE,
)


def words_count(text: str) -> int:
    """Return the number of words; each Chinese, Japanese or Korean character is one."""
    return len(_WORD.findall(text))


def text_plain(answer: str) -> str:
    """Return what a customer reads of an answer in Markdown, without its marks."""
    return unescape(nh3.clean(render_markdown(answer), tags=set())).strip()


def text_contains(answer: str, wanted: str) -> bool:
    """Return whether the words stand in the answer, in any case, Markdown or not."""
    needle = _folded(wanted)
    return needle in _folded(answer) or needle in _folded(text_plain(answer))


def is_refusal(answer: str) -> bool:
    """Return whether the answer declines, in words known for it, in English or Chinese."""
    return _REFUSAL.search(text_plain(answer).replace("\u2019", "'")) is not None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
