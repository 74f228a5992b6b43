"""A process that opens a conversation every few milliseconds, and says which version it got.

``python -m tests.conversations.prompts.opening_process <widget>`` writes one JSON line for each,
with the moment at which it asked and the number of the version, until its input ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from uuid import uuid4

import django

django.setup()

from conversations.chat.services import Visit, message_receive  # noqa: E402  # Django comes first
from conversations.models import Conversation  # noqa: E402  # as above

PAUSE_SECONDS = 0.02


def main(widget: int) -> None:
    """Open conversations until the input ends."""
    listener = threading.Thread(target=sys.stdin.read, daemon=True)
    listener.start()
    while listener.is_alive():
        asked_at = time.time()
        receipt = message_receive(
            visit=Visit(widget=widget, visitor=uuid4()),
            conversation=None,
            client_id=uuid4(),
            text="Hello?",
            owner="",
        )
        number = (
            Conversation.objects.filter(pk=receipt.conversation)
            .values_list("prompt_version__number", flat=True)
            .get()
        )
        sys.stdout.write(json.dumps({"at": asked_at, "version": number}) + "\n")
        sys.stdout.flush()
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]))
