"""The e-mail that tells the team of a message: claimed by one conditional UPDATE, tried until sent.

It says that somebody waits, and where; not who, and not a word of what they wrote: mailboxes are
kept longer, and read by more people, than a conversation. A process that dies while it sends
leaves the message to the next one, which may send it again; mailboxes know it by its Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from conversations.models import TeamMessage
from gateway.db import db
from gateway.mail import THREADS, Mail, MailError, mail_apart, mail_post

logger = logging.getLogger(__name__)

# After each try that failed, so long until the next; the last one again and again.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 6 * 3600))
# Two a thread: with a server that says nothing they end before the first claim lapses.
BATCH = 2 * THREADS


async def team_mail_deliver() -> int:
    """Send what is due and nobody else sends, and return how many left."""
    mine = await db.write(team_mail_claim, timezone.now())
    return sum(await asyncio.gather(*map(_deliver, mine)))


def team_mail_claim(now: datetime) -> list[TeamMessage]:
    """Claim the messages whose e-mail is due, and return those that are ours now."""
    due = TeamMessage.objects.filter(mail_due_at__lte=now, closed_at=None)
    rows = due.select_related("conversation__widget").order_by("mail_due_at")[:BATCH]
    return [message for message in rows if _claim(message, now)]


def team_mail(message: TeamMessage) -> Mail:
    """Return the e-mail that tells of a message, in the site's language."""
    widget = message.conversation.widget
    page = reverse("admin:conversations_conversation_change", args=[message.conversation_id])
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A customer left a message for your team")
        body = "\n\n".join(
            (
                _("Somebody on “%(widget)s” would like an answer from a person.")
                % {"widget": widget.name},
                f"{_('Read and answer it here:')} {settings.SITE_URL}{page}#team",
                _("It stays open in the list of conversations until somebody closes it there."),
            )
        )
    to = tuple(map(str, widget.team_recipients))
    return Mail(f"[Chatsite] {subject}", f"{body}\n", to, f"team-{message.client_id}")


def _claim(message: TeamMessage, now: datetime) -> bool:
    """Take a message for as long as a try lasts; if we die, the next try is due then."""
    again = now + WAITS[min(message.mail_tries, len(WAITS) - 1)]
    same = TeamMessage.objects.filter(
        pk=message.pk, mail_tries=message.mail_tries, mail_due_at=message.mail_due_at
    )
    return same.update(mail_tries=message.mail_tries + 1, mail_due_at=again) == 1


async def _deliver(message: TeamMessage) -> bool:
    error = ""
    try:
        await mail_apart(mail_post, team_mail(message))
    except MailError as failed:
        error = failed.code
        logger.warning("The e-mail of team message %s did not leave: %s.", message.pk, error)
    await db.write(_note, message.pk, error)
    return not error


def _note(pk: int, error: str) -> None:
    row = TeamMessage.objects.filter(pk=pk)
    if error:
        row.update(mail_error=error)
    else:
        row.update(mail_error="", mailed_at=timezone.now(), mail_due_at=None)
