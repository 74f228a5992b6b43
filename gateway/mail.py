"""E-mail by Django's settings: one mail, sent or not, and never a word of what a server said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused
from typing import Final, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

T = TypeVar("T")

THREADS: Final = 4
# Of their own: asyncio has a handful for everybody, and looks providers' names up on them. A mail
# server that says nothing would keep customers waiting for their answers.
_apart = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")


class MailError(Exception):
    """It did not leave; its code says why.

    Args:
        code: ``no_mail_server``, ``timeout``, ``mail_login``, ``mail_address`` or ``mail``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent.

    Args:
        subject: One line.
        body: Plain text.
        to: The addresses.
        id: The same whenever it is tried again, so that a mailbox can drop what it has.
    """

    subject: str
    body: str
    to: tuple[str, ...]
    id: str


async def mail_apart(deed: Callable[..., T], *arguments: object) -> T:
    """Do what sends a mail on a thread that nothing but mails waits for."""
    return await asyncio.get_running_loop().run_in_executor(_apart, deed, *arguments)


def mail_post(mail: Mail) -> None:
    """Send a mail, which can take as long as ``EMAIL_TIMEOUT`` for each step.

    Raises:
        MailError: The mail server did not take it, or there is none.
    """
    if not settings.EMAIL_URL:
        raise MailError("no_mail_server")
    server = get_connection()
    message = EmailMessage(mail.subject, mail.body, to=list(mail.to), connection=server)
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    message.extra_headers["Message-ID"] = f"<{mail.id}@{host}>"
    try:
        with closing(server):  # Django leaves one open that failed to log in
            message.send()
    except TimeoutError:
        raise MailError("timeout") from None
    except (SMTPException, OSError) as fault:
        raise MailError(_code(fault)) from None  # what the server said may hold addresses


def _code(fault: Exception) -> str:
    if isinstance(fault, SMTPAuthenticationError):
        return "mail_login"
    return "mail_address" if isinstance(fault, SMTPRecipientsRefused) else "mail"
