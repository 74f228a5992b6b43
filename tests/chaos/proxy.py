"""A network between browser and site that fails as networks do; names after Toxiproxy."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from dataclasses import dataclass

READ_BYTES = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, with RST


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """What goes wrong with a connection; nothing by default.

    Args:
        latency_seconds: Each read waits this long before it is passed on.
        slice_bytes: What comes from the site is cut into pieces of up to so many bytes.
        limit_bytes: The connection is reset once so much has come from the site.
        timeout_bytes: Once so much has come from the site, nothing passes and nobody is told.
    """

    latency_seconds: float = 0.0
    slice_bytes: int | None = None
    limit_bytes: int | None = None
    timeout_bytes: int | None = None


class Proxy:
    """Passes TCP connections on to the site, each through the toxic of the moment.

    Args:
        port: Where the site listens.
        rng: Chooses how slices are cut.
    """

    def __init__(self, port: int, rng: random.Random) -> None:
        self.toxic = Toxic()
        self.losses = 0
        self._site_port = port
        self._rng = rng
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], asyncio.Event] = {}

    async def start(self) -> int:
        """Begin to listen and return the port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Cut everybody off and listen no more."""
        if self._server:
            self._server.close()
        self.reset_all()
        await asyncio.gather(*self._links)

    def reset_all(self) -> None:
        """Reset every connection now (reset_peer)."""
        for cut in self._links.values():
            cut.set()
            self.losses += 1

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cut = asyncio.Event()
        task = asyncio.create_task(self._link(reader, writer, cut))
        self._links[task] = cut
        task.add_done_callback(self._links.pop)

    async def _link(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        toxic = self.toxic
        try:
            site_reader, site_writer = await asyncio.open_connection("127.0.0.1", self._site_port)
        except OSError:
            _reset(writer)
            return
        ends = (
            asyncio.create_task(self._pump(reader, site_writer, Toxic())),
            asyncio.create_task(self._pump(site_reader, writer, toxic)),
            asyncio.create_task(cut.wait()),
        )
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)  # resets are what we are here for
        _reset(site_writer)
        _reset(writer)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, toxic: Toxic
    ) -> None:
        passed = 0
        while data := await reader.read(READ_BYTES):
            await asyncio.sleep(toxic.latency_seconds)
            if toxic.timeout_bytes is not None and passed + len(data) > toxic.timeout_bytes:
                self.losses += 1
                await asyncio.Event().wait()
            if toxic.limit_bytes is not None and passed + len(data) > toxic.limit_bytes:
                writer.write(data[: toxic.limit_bytes - passed])
                self.losses += 1
                return
            for piece in self._slices(data, toxic):
                writer.write(piece)
                await writer.drain()
            passed += len(data)

    def _slices(self, data: bytes, toxic: Toxic) -> list[bytes]:
        if toxic.slice_bytes is None:
            return [data]
        pieces = []
        while data:
            size = self._rng.randint(1, toxic.slice_bytes)
            pieces.append(data[:size])
            data = data[size:]
        return pieces


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
