"""What a line of the log is about: a request or a conversation, by its id and nothing else.

Whoever begins a piece of work says so once; every line that is logged within it can be found by
the id, whichever floor logs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_about: ContextVar[Mapping[str, str]] = ContextVar("log_about", default=MappingProxyType({}))


def log_about() -> Mapping[str, str]:
    """Return the ids of what is being done here."""
    return _about.get()


@contextmanager
def logging_about(**ids: str) -> Iterator[None]:
    """Have the lines logged within carry these ids, beside those that hold already.

    Args:
        ids: Opaque: ``request``, ``conversation``.
    """
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)
