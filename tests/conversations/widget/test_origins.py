import pytest
from django.conf import settings

from conversations.models import Widget
from conversations.widget.origins import origin_normalize, origins_allowed


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        (" HTTPS://Shop.Example/ ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80/", "http://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_it_writes_an_origin_as_browsers_do(typed: str, origin: str) -> None:
    assert origin_normalize(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "*",
        "shop.example",
        "https://*.shop.example",
        "https://shop.example/path",
        "https://shop.example?q",
        "https://user:word@shop.example",
        "ftp://shop.example",
        "javascript:alert(1)",
        "null",
        "https://shop.example; script-src *",
        "https://shop.example 'unsafe-inline'",
        "https://shop.example\nX-Header: 1",
        "https://shop.example:99999",
        "https://[::1",
        "https://" + "a" * 80 + ".example",
    ],
)
def test_it_knows_what_is_no_origin(typed: str) -> None:
    assert origin_normalize(typed) is None


def test_the_sites_own_origin_is_always_allowed() -> None:
    assert origins_allowed(Widget()) == (settings.SITE_ORIGIN,)


def test_what_is_no_origin_is_left_out() -> None:
    widget = Widget(allowed_origins=["https://shop.example/", "*", 7, None, "https://shop.example"])
    assert origins_allowed(widget) == (settings.SITE_ORIGIN, "https://shop.example")
