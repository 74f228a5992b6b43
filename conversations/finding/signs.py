"""Signs that staff should look at a conversation, read off what the customer wrote; pure.

Rules, not a model: they are quick, the same every time, and written down in docs/review.md. They
miss some wishes and see some that are none, which is why they only sort what people then read.
"""

from __future__ import annotations

import re

# The same question three times, or a conversation of ten turns: nobody does that who is content.
LOOP_TIMES = 3
LONG_MESSAGES = 20
# About four times what a conversation of three turns with a page of instructions comes to.
EXPENSIVE_TOKENS = 20_000

_NAMED = r"(?:humans?|persons?|agents?|representatives?|rep|operators?|managers?|supervisors?)"
_ANYBODY = (
    rf"(?:{_NAMED}|people|advis[eo]rs?|employees?|someone|somebody|staff|colleagues?|"
    r"(?:customer )?(?:service|support|care))"
)
_VERBS = "talk|speak|chat|connect|transfer|pass|put|hand|escalate|switch|forward"
_BETWEEN = (
    r"(?: (?:me|us|with|to|a|an|the|your|some|any|real|live|actual|human|through|over|in|on|touch|"
    r"contact|of|from|else|customer|service|support)){0,6}"
)
_ENGLISH = re.compile(
    "|".join(
        (
            rf"\b(?:{_VERBS})(?:ed|ing|s)?{_BETWEEN} {_ANYBODY}\b",
            rf"\b(?:want|need|get|reach|give|require)(?:ed|ing|s)?{_BETWEEN} {_NAMED}\b",
            rf"\b(?:real|live|actual|human) {_NAMED}\b",
            rf"\b{_NAMED} please\b",
            rf"^(?:an? )?{_NAMED}$",
        )
    )
)
# "Are you a real person?" asks who speaks, not for somebody else.
_WHO = re.compile(r"\b(?:are|r) (?:you|u)\b|\b(?:am|is) (?:i|this|it)\b")

_CHINESE = re.compile(
    "转人工|轉人工|转接人工|转客服|转接客服|人工客服|人工服务|人工服務|找人工|要人工|接人工|人工在|"
    "(?:找|要|和|跟|与|有|换|換|叫|让|讓|联系|聯繫|转|轉)[^，。？！]{0,4}(?:真人|活人|客服人员|"
    "客服人員|工作人员|工作人員|经理|經理)|^(?:人工|真人|客服|人工[！!。]*)$"
)
_WHO_CHINESE = re.compile("(?:你|您)(?:是|是不是)[^，。]{0,6}(?:真人|活人|人工|机器人)")


def asks_for_human(text: str) -> bool:
    """Whether a customer's message asks for a person instead of the bot."""
    if _CHINESE.search(text.strip()) and not _WHO_CHINESE.search(text):
        return True
    words = " ".join(re.findall(r"[a-z']+", text.lower()))
    return any(
        not _WHO.search(words[max(0, found.start() - 16) : found.start() + 1])
        for found in _ENGLISH.finditer(words)
    )
