from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from chatsite import csp
from chatsite.csp import Allowance, Violation, violations_read

URL = "/csp-report"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csp, "allowance", Allowance())


def report(**told: Any) -> bytes:
    return json.dumps({"csp-report": told}).encode()


def send(body: bytes) -> int:
    browser = Client(enforce_csrf_checks=True)
    return browser.post(URL, body, content_type="application/csp-report").status_code


def test_every_page_tells_browsers_where_to_report() -> None:
    policy = Client().get("/admin/login/")["Content-Security-Policy"]
    assert f"report-uri {URL}" in policy
    assert "unsafe" not in policy


def test_both_forms_that_browsers_send_are_read() -> None:
    old = report(
        **{"violated-directive": "script-src 'self'", "blocked-uri": "https://evil.example/x"}
    )
    new = [
        {"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "inline"}}
    ]
    assert list(violations_read(old)) == [Violation("script-src", "evil.example")]
    assert list(violations_read(json.dumps(new).encode())) == [Violation("img-src", "inline")]


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://ann:canary@evil.example:8443/canary?canary#canary", "evil.example:8443"),
        ("data:text/html,canary", "data"),
        ("canary", "?"),
        ("https://canary canary/", "?"),
        ("https://[canary", "?"),
        ("chrome-extension://abcdef/x.js", "abcdef"),
        ("", "?"),
    ],
)
def test_of_an_address_only_the_host_is_kept(address: str, source: str) -> None:
    (found,) = violations_read(report(**{"effective-directive": "img-src", "blocked-uri": address}))
    assert found.source == source


def test_a_report_is_logged_without_what_could_be_personal(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csp.logger, "propagate", True)
    body = report(
        **{
            "document-uri": "https://chat.example.com/chat/canary/",
            "referrer": "https://shop.example/canary",
            "effective-directive": "style-src\ncanary-line",
            "blocked-uri": "inline",
            "script-sample": "canary",
        }
    )
    with caplog.at_level("WARNING", logger="chatsite.csp"):
        assert send(body) == 204
    assert [record.getMessage() for record in caplog.records] == [
        "The content policy kept inline out (?)"
    ]


@pytest.mark.parametrize(
    "body", [b"", b"canary", b"{}", b"[1]", b'{"csp-report": 1}', b"[" * 10_000, b"\xff"]
)
def test_what_is_no_report_is_refused_and_not_logged(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert send(body) == 400
    assert "content policy" not in caplog.text


def test_a_report_is_small_and_there_is_nothing_to_see() -> None:
    assert send(report(sample="x" * csp.MAX_BYTES)) == 413
    assert Client().get(URL).status_code == 405


def test_of_a_long_list_only_the_first_are_read() -> None:
    body = json.dumps([{"body": {"effectiveDirective": "img-src"}}] * 50).encode()
    assert len(list(violations_read(body))) == csp.MAX_REPORTS


def test_the_log_takes_a_few_lines_a_minute() -> None:
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    assert sum(allowance.take() for _ in range(100)) == csp.LINES_PER_MINUTE
    now[0] = 59.9
    assert not allowance.take()
    now[0] = 60.0
    assert allowance.take()
