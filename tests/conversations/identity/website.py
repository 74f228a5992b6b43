"""The company's own server: it makes JWTs as docs/identity.md tells, by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

HEADER = {"alg": "HS256", "typ": "JWT"}


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(value: Any) -> str:
    return encode(json.dumps(value).encode())


def signed(text: str, secret: str) -> str:
    """Return a head and a body with their signature."""
    return f"{text}.{encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def token_make(secret: str, header: Any = HEADER, **claims: Any) -> str:
    """Return a JWT that says these claims."""
    return signed(f"{part(header)}.{part(claims)}", secret)
