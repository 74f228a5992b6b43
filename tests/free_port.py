"""A port for a server that a test starts."""

from __future__ import annotations

import random
import socket

# Below those that systems lend to outgoing connections: none of these takes it meanwhile, not
# even while the server is being started again.
PORTS = range(20_000, 32_000)
# Not seeded by the test: two runs on one machine would choose the same.
_dice = random.SystemRandom()


def port_free() -> int:
    """Return a port of loopback that nobody listens on."""
    while True:
        port = _dice.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
