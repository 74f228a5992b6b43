"""A process that commits a message for the team, or claims its mail, and is killed at once.

``python -m tests.conversations.team.dying_process leave|claim``
"""

from __future__ import annotations

import os
import signal
import sys
from uuid import uuid4

import django

django.setup()

from django.utils import timezone  # noqa: E402  # Django comes first

from conversations.chat.services import Visit  # noqa: E402
from conversations.models import Widget  # noqa: E402
from conversations.team.mail import team_mail_claim  # noqa: E402
from conversations.team.services import Letter, team_message_leave  # noqa: E402


def main(deed: str) -> None:
    """Do it, and die as by a power cut."""
    if deed == "leave":
        visit = Visit(widget=Widget.objects.get().pk, visitor=uuid4())
        letter = Letter(id=uuid4(), name="Ada", email="ada@example.org", text="Call me.")
        team_message_leave(visit=visit, conversation=None, letter=letter, now=timezone.now())
    else:
        assert team_mail_claim(timezone.now())
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
