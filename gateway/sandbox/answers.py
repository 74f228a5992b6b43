"""Messages to answer: what the sandbox says, from nothing but the prompt and the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from gateway.sandbox.faq import Passage, passages, persona
from gateway.sandbox.search import Index
from gateway.sandbox.words import is_chinese

SUGGESTIONS = 3


class Turn(NamedTuple):
    """One message of a chat: ``system``, ``user`` or ``assistant``, and what it says."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What is said around the facts, in one language."""

    gap: str  # between sentences
    hello: str
    name: str
    offer: str
    suggest: str
    welcome: str
    goodbye: str
    machine: str
    lead: str
    foreign: str
    unknown: str
    contact: str
    contact_question: str


_ENGLISH = _Phrases(
    gap=" ",
    hello="Hello!",
    name="I am {persona}.",
    offer="What can I help you with?",
    suggest="You can ask me, for example:",
    welcome="You are welcome! Is there anything else I can help with?",
    goodbye="Goodbye, and thank you for stopping by!",
    machine="I am a computer program, not a person, and I answer from what the team has told me.",
    lead="Happy to help!",
    foreign="This is what I know about it:",
    unknown="I am sorry, I have not been told anything about that, and I would rather not guess.",
    contact="Our team can tell you more:",
    contact_question="contact email phone",
)
_CHINESE = _Phrases(
    gap="",
    hello="您好！",
    name="我是{persona}。",
    offer="请问有什么可以帮您？",
    suggest="例如，您可以问我：",
    welcome="不客气！还有什么可以帮您的吗？",
    goodbye="再见，感谢您的光临！",
    machine="我是一个电脑程序，不是真人，我根据团队提供的资料来回答。",
    lead="很高兴为您解答。",
    foreign="相关资料目前只有英文：",
    unknown="抱歉，我手上没有这方面的资料，不想随便猜测。",
    contact="我们的团队可以为您解答：",
    contact_question="联系 电话 邮箱",
)

_HELLO = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day))(?: there| you| all)?"
    r"|(?:你好|您好|嗨|哈喽|早上好|下午好|晚上好|在吗|有人吗)[啊呀吗]?",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:ok(?:ay)?,? |great,? |perfect,? )?(?:thanks|thank you|thx|cheers)"
    r"(?: a lot| so much| very much)?"
    r"|(?:好的?，?)?(?:谢谢|多谢|感谢)(?:你|您|了|啦)*",
    re.IGNORECASE,
)
_GOODBYE = re.compile(r"(?:good)?bye(?: bye)?|see you|再见|拜拜", re.IGNORECASE)
_WHO = re.compile(
    r"(?:who|what) are you|are you (?:a |an )?(?:bot|robot|human|person|real|ai|machine).*"
    r"|(?:你|您)是(?:谁|机器人|真人|人工|人)[吗么]?",
    re.IGNORECASE,
)


def answer(chat: Sequence[Turn]) -> str:
    """Return the answer to the last thing the customer said, in Markdown.

    The facts come from the system messages alone; when they say nothing about the question,
    the answer says so.
    """
    prompt = "\n\n".join(turn.content for turn in chat if turn.role == "system")
    said = [turn.content for turn in chat if turn.role == "user"]
    question = said[-1].strip() if said else ""
    chinese = is_chinese(question)
    phrases = _CHINESE if chinese else _ENGLISH
    who = persona(prompt, chinese=chinese)
    known = passages(prompt)
    talk = _small_talk(question, phrases, who, known)
    if talk is not None:
        return talk
    index = _index(known)
    found = index.find(question, earlier=said[-2] if len(said) > 1 else "")
    if found:
        return _tell(found, phrases, chinese=chinese, is_first=len(said) == 1)
    contact = index.find(phrases.contact_question)
    parts = [phrases.unknown]
    if contact:
        parts += [phrases.contact, contact[0].text]
    return "\n\n".join(parts)


def is_unknowing(text: str) -> bool:
    """Return whether an answer of the sandbox says that it knows nothing about the question."""
    return any(phrases.unknown in text for phrases in (_ENGLISH, _CHINESE))


@lru_cache(maxsize=16)
def _index(known: tuple[Passage, ...]) -> Index:
    # Many customers ask the same prompt, and a long one takes a while to split into words.
    return Index(known)


def _small_talk(
    question: str, phrases: _Phrases, who: str | None, known: Sequence[Passage]
) -> str | None:
    """Return what is said when nothing is asked of the facts, else None."""
    words = question.strip(" .,!?。，！？~～")
    name = phrases.name.format(persona=who) if who else ""
    if not words or _HELLO.fullmatch(words):
        opening = phrases.gap.join(filter(None, [phrases.hello, name, phrases.offer]))
        return "\n\n".join(filter(None, [opening, _suggestions(phrases, known)]))
    if _THANKS.fullmatch(words):
        return phrases.welcome
    if _GOODBYE.fullmatch(words):
        return phrases.goodbye
    if _WHO.fullmatch(words):
        return phrases.gap.join(filter(None, [name, phrases.machine]))
    return None


def _suggestions(phrases: _Phrases, known: Sequence[Passage]) -> str:
    chinese = phrases is _CHINESE
    topics = [
        passage.topic
        for passage in known
        if passage.topic.endswith(("?", "？")) and is_chinese(passage.topic) == chinese
    ]
    lines = [f"- {topic}" for topic in topics[:SUGGESTIONS]]
    return "\n".join([phrases.suggest, *lines]) if lines else ""


def _tell(found: Sequence[Passage], phrases: _Phrases, *, chinese: bool, is_first: bool) -> str:
    parts = [phrases.lead] if is_first else []
    if chinese and not any(is_chinese(passage.text) for passage in found):
        parts.append(phrases.foreign)
    for passage in found:
        if len(found) > 1 and passage.topic:
            parts.append(f"**{passage.topic}**")
        parts.append(passage.text)
    return "\n\n".join(parts)
