"""daphne's server with what it lacks: backpressure, a lifespan, and an orderly end.

On SIGTERM or Ctrl-C it stops listening, closes every websocket with 1012 ("come back soon"),
and leaves the lifespan, in which running replies are finished or saved; what is left after
``drain_seconds`` is cancelled. A second signal ends the waiting.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from os import SEEK_END
from typing import Any

from daphne import server as daphne_server  # first: it installs the reactor
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, reactor
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from chatsite.flow import Gate, SocketGate
from chatsite.health import lifecycle
from chatsite.supervisor import READY, STOPPING, supervisor_tell
from chatsite.websocket import SiteWebSocket

logger = logging.getLogger(__name__)

FRAME_BYTES = 65_536
BODY_BYTES = 4 * 1024 * 1024  # daphne would hand a body of any size to the application, in memory
SERVICE_RESTART = 1012
CLOSE_SECONDS = 3.0  # for the client to answer a close frame
SIGNALS = (signal.SIGTERM, signal.SIGINT)
# After the drain: for what was cancelled to close its own sockets and files.
CANCEL_SECONDS = 5.0


class Server(daphne_server.Server):  # type: ignore[misc]  # daphne has no types
    """Serves one ASGI application until it is told to stop.

    Args:
        application: The ASGI application.
        endpoints: Twisted's descriptions of where to listen.
        lifespan: Entered once the loop runs, left when the process drains.
        drain_seconds: How long requests and consumers may go on after the signal; the
            lifespan bounds itself.
    """

    def __init__(
        self,
        application: Any,
        *,
        endpoints: list[str],
        lifespan: Callable[[], AbstractAsyncContextManager[None]],
        drain_seconds: float,
    ) -> None:
        super().__init__(
            application,
            endpoints=endpoints,
            signal_handlers=False,
            verbosity=0,
            server_name="",
            # ProxyGuard reads them: daphne would believe whoever sends them.
            proxy_forwarded_address_header=None,
            proxy_forwarded_port_header=None,
            proxy_forwarded_proto_header=None,
            websocket_connect_timeout=5,
            websocket_handshake_timeout=5,
            websocket_max_message_size=FRAME_BYTES,
            websocket_max_frame_size=FRAME_BYTES,
        )
        self.failure: str | None = None
        self._lifespan = lifespan
        self._drain_seconds = drain_seconds
        self._stack = AsyncExitStack()
        self._ports: list[Any] = []
        self._is_entered = False
        self._signals = 0
        self._hurry = asyncio.Event()

    # --- Start --------------------------------------------------------------------------

    def run(self) -> None:
        """Serve until told to stop; afterwards ``failure`` says what went wrong, if anything."""
        # daphne would drop Twisted's logs, errors included, or take standard output for them.
        globalLogPublisher.addObserver(_error_log)  # type: ignore[arg-type]  # zope's interface, no type
        reactor.callLater(0, self._start)  # type: ignore[arg-type]  # as above
        super().run()

    def _start(self) -> None:
        # A client that broke a rule is told by a close code, not by a dropped connection.
        self.ws_factory.setProtocolOptions(failByDrop=False, closeHandshakeTimeout=CLOSE_SECONDS)
        self.ws_factory.protocol = SiteWebSocket
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._signalled)
        self._starting = loop.create_task(self._lifespan_enter())

    async def _lifespan_enter(self) -> None:
        try:
            await self._stack.enter_async_context(self._lifespan())
        except Exception as error:
            logger.exception("The site did not start")
            self._fail(f"the site did not start: {error}")
            return
        self._is_entered = True
        self._ready_tell()

    def listen_success(self, port: Any) -> None:
        """Remember the port, so that draining can stop it."""
        super().listen_success(port)
        self._ports.append(port)
        address = port.getHost()
        where = getattr(address, "name", None) or f"{address.host}:{address.port}"
        logger.info("Listening on %s", where if isinstance(where, str) else where.decode())
        self._ready_tell()

    def _ready_tell(self) -> None:
        if self._is_entered and len(self._ports) == len(self.endpoints):
            supervisor_tell(READY)

    def listen_error(self, failure: Any) -> None:
        """Give up: a server that listens nowhere is none."""
        self._fail(failure.getErrorMessage())

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self.stop()

    def _signalled(self) -> None:
        self._signals += 1
        if self._signals == 1:
            self.stop()
        else:
            self._hurry.set()

    # --- Serve --------------------------------------------------------------------------

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for one request or socket, with a gate before its sends."""
        details = self.connections.get(protocol)
        if details is None or "disconnected" in details:
            return None
        if scope["type"] == "http" and _body_bytes(protocol) > BODY_BYTES:
            protocol.basic_error(413, b"Payload Too Large", "That is more than the site takes.")
            return None
        gate: Gate
        inbox: asyncio.Queue[dict[str, Any]]
        if scope["type"] == "websocket":
            gate = socket_gate = SocketGate(protocol.transport)
            inbox = socket_gate.inbox
            # The HTTP channel, registered until now, would hold the gate's place.
            protocol.transport.unregisterProducer()
            protocol.transport.registerProducer(gate, True)  # noqa: FBT003 - Twisted's signature
        else:
            gate, inbox = Gate(), asyncio.Queue()
            protocol.registerProducer(gate, True)  # noqa: FBT003 - Twisted's signature
        details["gate"] = gate
        scope.setdefault("asgi", {"version": "3.0"})
        details["application_instance"] = asyncio.ensure_future(
            self.application(scope, inbox.get, partial(self.handle_reply, protocol))
        )
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send one message of the application, as soon as the client takes it."""
        gate: Gate | None = self.connections.get(protocol, {}).get("gate")
        if gate is not None:
            await gate.passed()
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            _producer_unregister(protocol)
        if message["type"] == "websocket.accept" and lifecycle.is_draining:
            message = {"type": "websocket.close"}  # it came too late to be told 1012
        await super().handle_reply(protocol, message)

    def protocol_disconnected(self, protocol: Any) -> None:
        """Let everybody pass who waits for a client that is gone."""
        gate: Gate | None = self.connections[protocol].get("gate")
        if gate is not None:
            gate.stopProducing()
        super().protocol_disconnected(protocol)

    # --- End ----------------------------------------------------------------------------

    def kill_all_applications(self) -> defer.Deferred[Any]:
        """Hold up the reactor's end until everything has come to its own."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        started = time.monotonic()
        lifecycle.is_draining = True
        supervisor_tell(STOPPING)
        for port in self._ports:
            await defer.maybeDeferred(port.stopListening).asFuture(asyncio.get_running_loop())
        for protocol in list(self.connections):
            if isinstance(protocol, WebSocketProtocol) and protocol.state == protocol.STATE_OPEN:
                # sendClose would refuse the code: autobahn leaves it to servers' own innards.
                protocol.sendCloseFrame(code=SERVICE_RESTART)
        work = asyncio.gather(self._applications_end(), self._lifespan_exit())
        hurry = asyncio.ensure_future(self._hurry.wait())
        either: list[asyncio.Future[Any]] = [work, hurry]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        left: list[asyncio.Future[Any]] = [*either, *self._applications()]
        for future in left:
            future.cancel()
        await asyncio.wait(left, timeout=CANCEL_SECONDS)
        logger.info("Stopped after %.1f s", time.monotonic() - started)

    def _applications(self) -> set[asyncio.Future[Any]]:
        running = {details.get("application_instance") for details in self.connections.values()}
        return {task for task in running if task is not None and not task.done()}

    async def _applications_end(self) -> None:
        if running := self._applications():
            await asyncio.wait(running, timeout=self._drain_seconds)

    async def _lifespan_exit(self) -> None:
        await self._starting
        try:
            await self._stack.aclose()
        except Exception:
            logger.exception("The site did not end as it should")


def _body_bytes(protocol: Any) -> int:
    end: int = protocol.content.seek(0, SEEK_END)
    protocol.content.seek(0)
    return end


def _producer_unregister(protocol: Any) -> None:
    if getattr(protocol, "producer", None) is not None and protocol.channel is not None:
        protocol.unregisterProducer()


def _error_log(event: dict[str, Any]) -> None:
    if event["log_level"] >= LogLevel.error:
        failure = event.get("log_failure")
        logger.error("%s", formatEvent(event), exc_info=failure and failure.value)
