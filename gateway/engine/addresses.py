"""Which addresses may be called: public ones only, unless the operator allows private ones.

Pure policy against server-side request forgery; ``connector.py`` applies it to what a name
resolves to at the moment of connecting, so that a name cannot change its mind in between.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

# RFC 6052: the last four bytes are an IPv4 address that the network's translator calls for us.
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public_address(address: str) -> bool:
    """Tell whether an address is one that anybody on the internet may call."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    unwrapped: IPv4Address | IPv6Address = ip
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return False
        unwrapped = ip.ipv4_mapped or ip.sixtofour or ip
    return unwrapped.is_global and not unwrapped.is_multicast


def base_url_fault(base_url: str, *, allow_private: bool) -> str | None:
    """Return what is wrong with a provider's base URL, or None.

    A name is not looked up here; only literal addresses are judged.
    """
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "it is not a URL"
    is_literal = host.replace(".", "").isdigit() or ":" in host
    is_private = host == "localhost" or (is_literal and not is_public_address(host))
    faults = {
        "it must begin with http:// or https:// and name a host": (
            parts.scheme not in {"http", "https"} or not host
        ),
        "it must not carry credentials": "@" in parts.netloc,
        "it must not have a fragment": bool(parts.fragment),
        "a public provider must be called by https": (parts.scheme == "http" and not allow_private),
        "it leads into a private network": is_private and not allow_private,
    }
    return next((fault for fault, is_so in faults.items() if is_so), None)
