"""The two ways a message leaves: Django's e-mail, and a signed POST; each fails with a code.

A webhook is called by the engine's wire: no redirect is followed, no proxy is taken from the
environment, and an address that is not public is refused when the connection is made, whatever
its name said before, unless the operator has allowed it for this recipient.
"""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from gateway.alerts.signature import HEADER, signature
from gateway.alerts.words import notice_text
from gateway.engine.addresses import base_url_fault
from gateway.engine.config import Pool
from gateway.engine.errors import AddressBlockedError, GatewayError
from gateway.engine.wire import Wire
from gateway.mail import Mail, MailError, mail_post
from gateway.models import AlertNotice
from gateway.models.alert import AlertEvent

SECONDS = 10.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class DeliveryError(Exception):
    """A message did not arrive; its code says why, and never what the other side said.

    Args:
        code: ``no_mail_server``, ``mail_login``, ``mail_address``, ``mail``, ``no_secret``,
            ``address``, ``unreachable``, ``timeout``, or ``http_`` with the status.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def webhook_fault(url: str, *, is_private: bool) -> str | None:
    """Return what is wrong with a webhook's address, or None; a name is not looked up here."""
    fault = base_url_fault(url, allow_private=is_private or settings.DEBUG)
    if fault is not None:
        return fault
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not settings.DEBUG:
        return "it must begin with https://"
    return None


def mail_send(notice: AlertNotice) -> None:
    """Send a message by e-mail.

    Raises:
        DeliveryError: The mail server did not take it, or there is none.
    """
    with translation.override(settings.LANGUAGE_CODE):
        text = notice_text(notice)
        body = f"{text}\n\n{_('Look closer')}: {_page()}\n"
    mail = Mail(f"[Chatsite] {text}", body, (notice.recipient.address,), str(notice.pk))
    try:
        mail_post(mail)
    except MailError as error:
        raise DeliveryError(error.code) from None


@sensitive_variables("secret")
async def webhook_send(notice: AlertNotice, secret: str) -> None:
    """Send a message to a webhook.

    Raises:
        DeliveryError: Nothing there took it.
    """
    recipient = notice.recipient
    if webhook_fault(recipient.address, is_private=recipient.is_private):
        raise DeliveryError("address")
    body = payload(notice)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Chatsite",
        HEADER: signature(secret, body, int(time.time())),
    }
    wire = Wire(
        pool=Pool(),
        connect_seconds=SECONDS,
        proxy_url=None,
        allow_private=recipient.is_private or settings.DEBUG,
    )
    try:
        async with (
            asyncio.timeout(SECONDS),
            wire.post(recipient.address, headers, body) as reply,
        ):
            if not reply.is_success:
                raise DeliveryError(f"http_{reply.status}")
    except TimeoutError:
        raise DeliveryError("timeout") from None
    except AddressBlockedError:
        raise DeliveryError("address") from None
    except GatewayError:
        raise DeliveryError("unreachable") from None
    finally:
        await wire.aclose()


def payload(notice: AlertNotice) -> bytes:
    """Return a webhook's body; docs/alerts.md describes each field."""
    with translation.override(settings.LANGUAGE_CODE):
        text = notice_text(notice)
    return json.dumps(
        {
            "id": str(notice.pk),
            "event": AlertEvent(notice.event).value,
            "alert": notice.kind,
            "about": notice.name,
            "value": notice.value,
            "threshold": notice.threshold if notice.kind else None,
            "at": notice.at.isoformat(),
            "text": text,
            "url": _page(),
        }
    ).encode()


def _page() -> str:
    return f"{settings.SITE_URL}/admin/gateway/dashboard/"
