"""Which websites may embed a widget: origins compared exactly, as browsers write them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

from conversations.models import Widget

# Narrow on purpose: an origin is copied into a Content-Security-Policy header.
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\Z|[0-9a-f:.]*:[0-9a-f:.]*\Z")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_normalize(text: str) -> str | None:
    """Return an origin the way a browser's ``Origin`` header has it, or None if it is none.

    Args:
        text: What somebody typed: scheme, host and perhaps port, in any case, perhaps with a
            closing slash. A path, a wildcard or a name with a password is no origin.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or ""), parts.port
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:  # a port out of range, an unclosed bracket, a label too long
        return None
    has_more = parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in _DEFAULT_PORTS or has_more or not _HOST.match(host):
        return None
    host = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if is_default else f":{port}")


def origins_allowed(widget: Widget) -> tuple[str, ...]:
    """Return the origins that may embed the widget; the site's own is always one of them."""
    wanted = (origin_normalize(item) for item in widget.allowed_origins if isinstance(item, str))
    return tuple(dict.fromkeys([settings.SITE_ORIGIN, *(origin for origin in wanted if origin)]))
