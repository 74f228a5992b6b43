"""How the sandbox can be asked to misbehave, and by whom: a header, the model's name, a customer.

``500`` or ``status 500`` answers with that status, ``429 retry-after 3`` with the header too;
``stall`` says nothing more, ``stall 3`` after three words; ``cut 3`` hangs up after three words;
``slow 2`` takes two seconds a word. Every name in ``faults`` works too, as in ``html with 200``:
its script is played instead of an answer. After ``once``, as in ``once 503``, all is well when the
same call comes again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gateway.sandbox.faults import FAULTS, QUIRKS, Script

_STATUS = re.compile(r"(?:status\s*)?(?P<status>[45]\d\d)(?:\s+retry-after\s+(?P<wait>[\d.]+))?")
_WORDS = re.compile(r"(?P<what>stall|cut)(?:\s+(?P<words>\d{1,4}))?")
_SLOW = re.compile(r"slow\s+(?P<seconds>\d{1,2}(?:\.\d+)?)")
_SCRIPTS = {name.casefold(): script for name, script in (FAULTS | QUIRKS).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """What goes wrong with one call; nothing by default.

    Args:
        status: An HTTP status to fail with at once.
        retry_after: The header of that name, as text.
        stall_after: Say nothing more after so many words.
        cut_after: Hang up after so many words.
        word_seconds: Time for each word, instead of the usual pace.
        script: What to play on the socket instead of an answer.
        is_once: Only when the call, told by its idempotency key, comes for the first time.
    """

    status: int | None = None
    retry_after: str | None = None
    stall_after: int | None = None
    cut_after: int | None = None
    word_seconds: float | None = None
    script: Script | None = None
    is_once: bool = False


def misbehaviour_read(wish: str) -> Misbehaviour | None:
    """Return what a wish such as ``429 retry-after 3`` asks for, or None if it makes no sense."""
    wish = " ".join(re.split(r"[\s=,_]+", wish.strip().casefold()))
    if (rest := wish.removeprefix("once ")) != wish:
        asked = misbehaviour_read(rest)
        return replace(asked, is_once=True) if asked else None
    if found := _STATUS.fullmatch(wish):
        return Misbehaviour(status=int(found["status"]), retry_after=found["wait"])
    if found := _WORDS.fullmatch(wish):
        words = int(found["words"] or 0)
        if found["what"] == "stall":
            return Misbehaviour(stall_after=words)
        return Misbehaviour(cut_after=words)
    if found := _SLOW.fullmatch(wish):
        return Misbehaviour(word_seconds=float(found["seconds"]))
    script = _SCRIPTS.get(wish)
    return Misbehaviour(script=script) if script else None


def misbehaviour_asked(*, header: str, model: str, text: str) -> Misbehaviour | None:
    """Return how this call is to go wrong, if anybody asked for it.

    Args:
        header: The value of ``x-sandbox-fault``, or nothing.
        model: As in ``sandbox-1!status=500``.
        text: What the customer said, as in ``/fault cut 5``.
    """
    said = text.strip().removeprefix("/fault ") if text.strip().startswith("/fault ") else ""
    for wish in (header, model.partition("!")[2], said):
        if wish and (asked := misbehaviour_read(wish)):
            return asked
    return None
