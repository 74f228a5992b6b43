"""Frames as RFC 6455 wants them, and a write past Twisted's reactor that overtakes nothing."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import suppress

import pytest
from twisted.internet.tcp import Connection

from chatsite.frames import frame_make, write_at_once


class Reactor:
    """Who is asked to be told when a connection can be written."""

    def __init__(self) -> None:
        self.writers: set[Connection] = set()

    def addWriter(self, connection: Connection) -> None:  # noqa: N802 - Twisted's name
        self.writers.add(connection)

    def removeWriter(self, connection: Connection) -> None:  # noqa: N802 - Twisted's name
        self.writers.discard(connection)


@pytest.fixture
def reactor() -> Reactor:
    return Reactor()


@pytest.fixture
def pair(reactor: Reactor) -> Generator[tuple[Connection, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    theirs.settimeout(0)
    connection = Connection(ours, None, reactor)  # type: ignore[arg-type]  # of both, what writing needs
    connection.connected = 1
    with ours, theirs:
        yield connection, theirs


def drained(connection: Connection, reactor: Reactor, theirs: socket.socket) -> bytes:
    """Do as the reactor would until nothing waits, and return all that arrives."""
    heard = b""
    while reactor.writers:
        assert connection.doWrite() is None  # type: ignore[no-untyped-call]  # Twisted's
        with suppress(BlockingIOError):
            while True:
                heard += theirs.recv(1 << 20)
    return heard


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_text_of_any_length_is_one_frame(size: int, head: bytes) -> None:
    assert frame_make(b"x" * size, is_binary=False) == head + b"x" * size


def test_bytes_are_a_frame_of_their_own_kind() -> None:
    assert frame_make(b"x", is_binary=True) == b"\x82\x01x"


def test_what_the_system_takes_is_written_without_the_reactor(
    pair: tuple[Connection, socket.socket], reactor: Reactor
) -> None:
    connection, theirs = pair
    write_at_once(connection, b"first")
    write_at_once(connection, b"second")

    assert theirs.recv(100) == b"firstsecond"
    assert not reactor.writers


def test_what_the_system_does_not_take_waits_and_is_not_overtaken(
    pair: tuple[Connection, socket.socket], reactor: Reactor
) -> None:
    connection, theirs = pair
    pieces = [b"%d" % (number % 10) * 100_000 for number in range(40)]
    for piece in pieces:
        write_at_once(connection, piece)
    assert reactor.writers
    heard = theirs.recv(1 << 20)  # now the system would take more
    write_at_once(connection, b"last")

    assert heard + drained(connection, reactor, theirs) == b"".join(pieces) + b"last"
    write_at_once(connection, b"and at once again")
    assert theirs.recv(100) == b"and at once again"


def test_a_fault_is_left_to_the_transport(
    pair: tuple[Connection, socket.socket], reactor: Reactor
) -> None:
    connection, theirs = pair
    theirs.close()
    write_at_once(connection, b"nobody hears")

    assert reactor.writers
    assert isinstance(connection.doWrite(), Exception)  # type: ignore[no-untyped-call]  # as above


def test_a_connection_that_speaks_tls_is_not_written_past_it(
    pair: tuple[Connection, socket.socket], reactor: Reactor
) -> None:
    connection, theirs = pair
    connection.TLS = True
    written: list[bytes] = []
    connection.write = written.append  # type: ignore[method-assign]  # what its TLS would take
    write_at_once(connection, b"secret")

    assert written == [b"secret"]
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
