"""What a reader finds on a page that Chromium printed into a PDF."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\b(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
_TO_UNICODE = re.compile(rb"/ToUnicode (\d+) 0 R")
# A font is chosen, or glyphs of the font are drawn.
_DRAWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>(?= *Tj)|\[([^\]]*)\] *TJ")
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_PARTS = re.compile(rb"begin(bfchar|bfrange)\s(.*?)end\1", re.DOTALL)


def pdf_text(data: bytes) -> str:
    """Return the characters of a PDF in the order in which they are drawn, without blanks."""
    objects = {int(number): body for number, body in _OBJECT.findall(data)}
    fonts = {
        name: _characters(_inflated(objects[int(found[1])]))
        for body in objects.values()
        for name, number in _FONT.findall(body)
        if (found := _TO_UNICODE.search(objects[int(number)]))
    }
    drawn = (_drawn(_inflated(body), fonts) for body in objects.values() if b"stream" in body)
    return re.sub(r"\s", "", "".join(drawn))


def pdf_pages(data: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type /Page\b", data))


def _inflated(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if not found:
        return b""
    try:
        return zlib.decompress(found[1])
    except zlib.error:  # a picture or a font
        return b""


def _characters(cmap: bytes) -> dict[int, str]:
    """Return which characters the glyphs of a font stand for."""
    characters = {}
    for kind, part in _PARTS.findall(cmap):
        codes = _HEX.findall(part)
        if kind == b"bfchar":
            for glyph, text in zip(codes[::2], codes[1::2], strict=True):
                characters[int(glyph, 16)] = _text(text)
            continue
        for first, last, text in zip(codes[::3], codes[1::3], codes[2::3], strict=True):
            for place in range(int(last, 16) - int(first, 16) + 1):
                characters[int(first, 16) + place] = chr(int(text, 16) + place)
    return characters


def _text(code: bytes) -> str:
    return bytes.fromhex(code.decode()).decode("utf-16-be")


def _drawn(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    text, font = "", dict[int, str]()
    for name, one, several in _DRAWN.findall(content):
        if name:
            font = fonts.get(name, {})
        for glyphs in (one, *_HEX.findall(several)):
            codes = (int(glyphs[at : at + 4], 16) for at in range(0, len(glyphs), 4))
            text += "".join(font.get(code, "") for code in codes)
    return text
