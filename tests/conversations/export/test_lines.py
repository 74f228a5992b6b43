"""A line of JSON says exactly what was said, and nothing in it acts."""

from __future__ import annotations

import json

from conversations.export.lines import line_write
from tests.conversations.payloads import ACTING, PAYLOADS


def test_every_payload_comes_back_as_it_was() -> None:
    line = line_write(list(PAYLOADS))
    assert json.loads(line) == list(PAYLOADS)
    assert len(line.splitlines()) == 1
    assert not set(ACTING) & set(line)


def test_chinese_stays_readable() -> None:
    assert line_write({"text": "我想退款"}) == '{"text": "我想退款"}\n'
