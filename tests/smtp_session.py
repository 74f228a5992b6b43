"""One client's session with the mail server of the tests, command by command."""

from __future__ import annotations

import base64
import binascii
import socketserver
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from urllib.parse import quote

PATIENCE_SECONDS = 20.0  # a client that says nothing for so long is hung up on


@dataclass(frozen=True)
class Letter:
    """A letter that was taken.

    Args:
        is_private: It came under TLS.
        user: Who was logged in; empty if nobody was.
    """

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    is_private: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """The letter with its headers read."""
        return message_from_bytes(self.data, policy=policy.default)


def _opened() -> Event:
    gate = Event()
    gate.set()
    return gate


@dataclass
class MailServer:
    """How the server behaves, which may be changed at any time, and what it was given.

    Args:
        accounts: Passwords by user; with any, nobody sends without logging in.
        tls: What STARTTLS is answered with; None offers no such thing.
        replies: What is said to a command instead of the truth, as in ``{"RCPT": "550 No."}``.
        silent_at: The command, ``CONNECT`` included, after which nothing more is said.
        gate: Closed, no letter is taken, and whoever brings one waits.
        letters: What was taken so far, oldest first.
        commands: What was heard, without what passwords are in.
    """

    accounts: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    replies: dict[str, str] = field(default_factory=dict)
    silent_at: str = ""
    gate: Event = field(default_factory=_opened)
    letters: list[Letter] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    closing: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """What ``EMAIL_URL`` is for this server, with its first account."""
        account = ""
        for user, password in list(self.accounts.items())[:1]:
            account = f"{quote(user, safe='')}:{quote(password, safe='')}@"
        return f"smtp{'+tls' if self.tls else ''}://{account}127.0.0.1:{self.port}"


class Session(socketserver.StreamRequestHandler):
    """One client's commands, answered one by one."""

    mail: MailServer
    timeout = PATIENCE_SECONDS

    def handle(self) -> None:
        self._user, self._is_private = "", False
        self._begin()
        if not self._say("CONNECT", "220 loopback"):
            return
        while line := self.rfile.readline(2048):
            command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            command = command.upper()
            self.mail.commands.append(command if command == "AUTH" else f"{command} {rest}".strip())
            answer = self._answers().get(command)
            if command == self.mail.silent_at:
                self.mail.closing.wait(PATIENCE_SECONDS)
                return
            if command in self.mail.replies:
                self._write(self.mail.replies[command])
            elif answer is None:
                self._write("502 What?")
            else:
                answer(rest)
            if command == "QUIT":
                return

    def finish(self) -> None:
        """Hang up; under TLS the socket is not the one that the server knows."""
        super().finish()
        self.connection.close()

    def _answers(self) -> dict[str, Callable[[str], None]]:
        return {
            "EHLO": self._ehlo,
            "HELO": lambda _: self._write("250 loopback"),
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": lambda _: self._data(),
            "RSET": lambda _: self._begin("250 Forgotten"),
            "NOOP": lambda _: self._write("250 Well"),
            "QUIT": lambda _: self._write("221 Bye"),
        }

    def _begin(self, answer: str = "") -> None:
        self._sender = ""
        self._recipients: list[str] = []
        if answer:
            self._write(answer)

    def _say(self, command: str, answer: str) -> bool:
        if command == self.mail.silent_at:
            self.mail.closing.wait(PATIENCE_SECONDS)
            return False
        self._write(self.mail.replies.get(command, answer))
        return True

    def _ehlo(self, _: str) -> None:
        offers = ["loopback", "8BITMIME", "SIZE 10000000"]
        if self.mail.tls and not self._is_private:
            offers.append("STARTTLS")
        if self.mail.accounts and (self._is_private or not self.mail.tls):
            offers.append("AUTH PLAIN LOGIN")
        self._write(*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}")

    def _starttls(self, _: str) -> None:
        if self.mail.tls is None:
            self._write("454 Not here")
            return
        self._write("220 Go ahead")
        self.request = self.mail.tls.wrap_socket(self.request, server_side=True)
        self.connection = self.request
        self.connection.settimeout(PATIENCE_SECONDS)
        self.rfile = self.connection.makefile("rb")
        self._is_private = True

    def _auth(self, rest: str) -> None:
        kind, _, first = rest.partition(" ")
        try:
            if kind.upper() == "PLAIN":
                _, user, password = _decoded(first or self._ask("")).split("\0")
            else:
                user = _decoded(first or self._ask("VXNlcm5hbWU6"))
                password = _decoded(self._ask("UGFzc3dvcmQ6"))
        except (ValueError, binascii.Error):
            self._write("501 That is no login")
            return
        if self.mail.accounts.get(user) == password:
            self._user = user
            self._write("235 Welcome")
        else:
            self._write("535 5.7.8 Wrong name or password")

    def _ask(self, question: str) -> str:
        self._write(f"334 {question}")
        return self.rfile.readline(2048).decode().strip()

    def _mail(self, rest: str) -> None:
        if self.mail.accounts and not self._user:
            self._write("530 5.7.0 Log in first")
            return
        self._sender = _address(rest)
        self._write("250 Yes")

    def _rcpt(self, rest: str) -> None:
        if not self._sender:
            self._write("503 From whom?")
            return
        self._recipients.append(_address(rest))
        self._write("250 Yes")

    def _data(self) -> None:
        if not self._recipients:
            self._write("503 To whom?")
            return
        self._write("354 End with a dot")
        lines = []
        while (line := self.rfile.readline(1_000_000)) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        self.mail.gate.wait(PATIENCE_SECONDS)
        if not self._say("TAKEN", "250 Taken") or "TAKEN" in self.mail.replies:
            return
        self.mail.letters.append(
            Letter(
                self._sender,
                tuple(self._recipients),
                b"".join(lines),
                self._is_private,
                self._user,
            )
        )
        self._begin()

    def _write(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def _decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()
