"""Telling systemd how the process fares, so that its commands wait until there is something."""

from __future__ import annotations

import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"


def supervisor_tell(state: str) -> None:
    """Tell whoever has started the process what it does now; without a supervisor, nobody.

    Args:
        state: As sd_notify(3) has it.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # "@" stands for the zero byte with which abstract names begin.
    place = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice:
            notice.settimeout(0)
            notice.connect(place)
            notice.send(state.encode())
    except OSError:
        # It has gone or hears nothing: no reason not to serve.
        return
