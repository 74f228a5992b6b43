"""A collector on loopback: it takes what SDKs post, and keeps it."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Posted:
    """One request.

    Args:
        body: As it was before it was packed.
    """

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Collector:
    """What came, oldest first.

    Args:
        status: What is answered.
        answer_seconds: How long that takes.
    """

    url: str = ""
    status: int = 200
    answer_seconds: float = 0.0
    posted: list[Posted] = field(default_factory=list)

    def wait(self, is_enough: Callable[[list[Posted]], bool], seconds: float = 10) -> list[Posted]:
        """Return what came once it is enough, or what came until then."""
        until = time.monotonic() + seconds
        while not is_enough(self.posted) and time.monotonic() < until:
            time.sleep(0.02)
        return self.posted


@contextmanager
def collector(**behaviour: Any) -> Iterator[Collector]:
    """Run a collector; the arguments are those of ``Collector``."""
    state = Collector(**behaviour)

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            state.posted.append(Posted(self.path, dict(self.headers), body))
            time.sleep(state.answer_seconds)
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        block_on_close = False

    with Server(("127.0.0.1", 0), Take) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join(5)
