"""Messages on their way: each is claimed by one conditional UPDATE, tried a few times, and noted.

A process that dies while it sends leaves the message to the next one, which may send it again:
webhooks tell repeats by the message's id, mailboxes by its Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from asgiref.sync import async_to_sync
from django.utils import timezone

from gateway.alerts.channels import DeliveryError, mail_send, webhook_send
from gateway.alerts.recipients import recipient_tested, secret_open, trial_notice
from gateway.db import db
from gateway.mail import mail_apart
from gateway.models import AlertNotice, AlertRecipient
from gateway.models.alert import Channel

logger = logging.getLogger(__name__)

# After each try that failed, so long until the next; after the last, none.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600))
BATCH = 20


async def notices_deliver() -> int:
    """Send what is due and nobody else sends, and return how many arrived."""
    mine = await db.write(notices_claim, timezone.now())
    return sum(await asyncio.gather(*(_deliver(notice) for notice in mine)))


def notices_claim(now: datetime) -> list[AlertNotice]:
    """Claim the messages that are due, and return those that are ours now."""
    due = AlertNotice.objects.filter(due_at__lte=now, recipient__is_active=True)
    return [
        notice
        for notice in due.select_related("recipient").order_by("due_at")[:BATCH]
        if _claim(notice, now)
    ]


def recipient_test(*, recipient: AlertRecipient) -> str:
    """Send a test at once, and return the code of what went wrong, or nothing."""
    notice = trial_notice(recipient=recipient)
    error = async_to_sync(_error_of)(notice, secret_open(recipient))
    recipient_tested(notice, error)
    return error


def _claim(notice: AlertNotice, now: datetime) -> bool:
    """Take a message for as long as a try lasts; the next try is due then, or never."""
    again = now + WAITS[notice.tries] if notice.tries < len(WAITS) else None
    same = AlertNotice.objects.filter(pk=notice.pk, tries=notice.tries, due_at=notice.due_at)
    return same.update(tries=notice.tries + 1, due_at=again) == 1


async def _deliver(notice: AlertNotice) -> bool:
    error = await _error_of(notice, await db(secret_open, notice.recipient))
    await db.write(_note, notice, error)
    if error:
        logger.warning("Alert %s did not reach %s: %s.", notice.pk, notice.recipient_id, error)
    return not error


async def _error_of(notice: AlertNotice, secret: str) -> str:
    try:
        if notice.recipient.channel == Channel.MAIL:
            await mail_apart(mail_send, notice)
        elif secret:
            await webhook_send(notice, secret)
        else:
            return "no_secret"
    except DeliveryError as error:
        return error.code
    return ""


def _note(notice: AlertNotice, error: str) -> None:
    row = AlertNotice.objects.filter(pk=notice.pk)
    if error:
        row.update(error=error)
    else:
        row.update(error="", sent_at=timezone.now(), due_at=None)
