"""A language that nobody wrote: every sentence of ours, marked, in an alphabet read leftwards."""

from __future__ import annotations

import gettext
import struct
from pathlib import Path

from tests.e2e.site import ROOT

MARK = "ع"
MAGIC = 0x950412DE
HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"


def catalogue_make(folder: Path, locale: str) -> None:
    """Compile a catalogue in which each sentence is itself, with a mark before it."""
    with Path(ROOT, "locale/zh_Hans/LC_MESSAGES/django.mo").open("rb") as file:
        known = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # noqa: SLF001 - nothing else lists them
    texts = {"": HEADER}
    for key in known:
        # A sentence with a plural stands there as a pair of itself and a number.
        sentence = key[0] if isinstance(key, tuple) else key
        if sentence:
            texts[sentence] = f"{MARK} {sentence.split(chr(4))[-1]}"
    place = folder / locale / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.mo").write_bytes(_compiled(texts))


def _compiled(texts: dict[str, str]) -> bytes:
    """Return the texts in gettext's binary form: two tables of lengths and offsets, and bytes."""
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    offset = 28 + 16 * len(pairs)
    tables: list[list[bytes]] = [[], []]
    words = b""
    for column, table in enumerate(tables):
        for pair in pairs:
            table.append(struct.pack("<II", len(pair[column]), offset + len(words)))
            words += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(tables[0]) + b"".join(tables[1]) + words
