from __future__ import annotations

import pytest

from gateway.engine.addresses import base_url_fault, is_public_address


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # the clouds' metadata service
        "100.64.0.1",  # carrier-grade NAT
        "0.0.0.0",  # noqa: S104  # nobody binds to it here
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
        "not an address",
    ],
)
def test_private_addresses_may_not_whatever_they_are_wrapped_in(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "url", ["https://api.openai.com/v1", "https://[2606:4700:4700::1111]/v1", "https://1.1.1.1"]
)
def test_public_base_urls_are_fine(url: str) -> None:
    assert base_url_fault(url, allow_private=False) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("ftp://api.openai.com", "http"),
        ("https://", "name a host"),
        ("https://[::1", "not a URL"),
        ("https://host:99999/", "not a URL"),
        ("https://user:secret@api.openai.com/v1", "credentials"),
        ("https://api.openai.com/v1#top", "fragment"),
        ("http://api.openai.com/v1", "https"),
        ("https://localhost/v1", "private"),
        ("https://127.0.0.1/v1", "private"),
        ("https://2130706433/v1", "private"),
        ("https://[::1]/v1", "private"),
    ],
)
def test_a_base_url_that_may_not_be_called_says_why(url: str, fault: str) -> None:
    assert fault in (base_url_fault(url, allow_private=False) or "")


def test_private_ones_are_fine_where_the_operator_allows_them() -> None:
    assert base_url_fault("http://127.0.0.1:11434/v1", allow_private=True) is None
