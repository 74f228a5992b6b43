"""How a webhook's body is signed, so that whoever gets it can tell that we sent it, and when."""

from __future__ import annotations

import hashlib
import hmac

from django.views.decorators.debug import sensitive_variables

HEADER = "X-Chatsite-Signature"


@sensitive_variables("secret")
def signature(secret: str, body: bytes, timestamp: int) -> str:
    """Return the header's value: ``t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>``."""
    signed = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256)
    return f"t={timestamp},v1={signed.hexdigest()}"
