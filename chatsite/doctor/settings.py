"""What the settings say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import ERROR, WARNING, CheckMessage, run_checks

from chatsite.doctor.finding import Finding, doubtful, fine, wrong
from chatsite.origin import is_loopback


def settings_check() -> Iterator[Finding]:
    """Run every system check; at a public address those for production, too."""
    is_public = not is_loopback(urlsplit(settings.SITE_URL).hostname)
    found = [
        message
        for message in run_checks(include_deployment_checks=is_public)
        if message.level >= WARNING and not message.is_silenced()
    ]
    yield from map(message_judge, found)
    if not found:
        yield fine(f"The settings make sense for {settings.SITE_URL}.")


def message_judge(message: CheckMessage) -> Finding:
    """Return what a system check says, in one line."""
    words = f"{' '.join(str(message.msg).split())} ({message.id})"
    judge = wrong if message.level >= ERROR else doubtful
    return judge(words, " ".join((message.hint or "").split()))
