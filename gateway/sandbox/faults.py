"""A vocabulary of misbehaviour: what providers, proxies and networks do, byte by byte.

Each fault is a script that a server plays on the socket after it has read a request. Pure data:
nothing here opens a socket, and nothing here knows who is being tested.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Send:
    """Put bytes on the socket, so many times, with a pause after each."""

    data: bytes
    times: int = 1
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Hold:
    """Say nothing more, and keep the connection open."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection off (TCP RST)."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection properly, whatever was promised (TCP FIN)."""


Step: TypeAlias = Send | Hold | Reset | Close
Script: TypeAlias = tuple[Step, ...]

# Long enough to be endless for any test, and yet it ends.
FOR_EVER: Final = 1_000_000


def response(
    status: str = "200 OK", body: bytes = b"", *headers: str, kind: str = "application/json"
) -> bytes:
    """Return an HTTP answer of known length."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, *headers, "", "")).encode() + body


def complaint(status: str, code: str | None = None, *headers: str, message: str = "No.") -> Script:
    """Return an error as OpenAI shapes it."""
    error = {"message": message, "type": None, "param": None, "code": code}
    return (Send(response(status, json.dumps({"error": error}).encode(), *headers)),)


def chunked(data: bytes) -> bytes:
    """Return one chunk of a body of unknown length."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(payload: object) -> bytes:
    """Return one server-sent event, as a chunk of the body."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return chunked(b"data: " + text.encode() + b"\n\n")


def word(text: str) -> bytes:
    """Return an event that adds to the answer."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def finish(reason: str | None) -> bytes:
    """Return an event that ends the answer."""
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
DONE: Final = event("[DONE]")
END: Final = b"0\r\n\r\n"
KEEP_ALIVE: Final = chunked(b": keep-alive\n\n")
# Words that no customer and no log may ever read: providers echo keys.
ECHO: Final = "Incorrect API key provided: sk-canary-7f3e"


def stream(*pieces: bytes, then: Step | None = None) -> Script:
    """Return a streamed answer; without ``then`` its body ends properly."""
    return (Send(HEAD + b"".join(pieces)), then or Send(END))


FAULTS: Final[dict[str, Script]] = {
    # --- statuses
    "400": complaint("400 Bad Request"),
    "400 too long": complaint("400 Bad Request", "context_length_exceeded"),
    "400 filtered": complaint("400 Bad Request", "content_filter"),
    "401": complaint("401 Unauthorized", "invalid_api_key", message=ECHO),
    "402": complaint("402 Payment Required"),
    "403": complaint("403 Forbidden"),
    "404": complaint("404 Not Found", "model_not_found"),
    "408": complaint("408 Request Timeout"),
    "409": complaint("409 Conflict"),
    "413": complaint("413 Content Too Large"),
    "418": complaint("418 I'm a teapot"),
    "422": complaint("422 Unprocessable Content"),
    "429": complaint("429 Too Many Requests", "rate_limit_exceeded"),
    "429 quota": complaint("429 Too Many Requests", "insufficient_quota"),
    "429 milliseconds": complaint("429 Too Many Requests", None, "retry-after-ms: 50"),
    "429 seconds": complaint("429 Too Many Requests", None, "Retry-After: 0.05"),
    "429 date": complaint(
        "429 Too Many Requests", None, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"
    ),
    "429 far future": complaint("429 Too Many Requests", None, "Retry-After: 1000000000"),
    "429 negative": complaint("429 Too Many Requests", None, "Retry-After: -5"),
    "429 nonsense": complaint("429 Too Many Requests", None, "Retry-After: soon"),
    "500": complaint("500 Internal Server Error"),
    "500 not worth it": complaint("500 Internal Server Error", None, "x-should-retry: false"),
    "502": (Send(response("502 Bad Gateway", b"<html>nginx</html>", kind="text/html")),),
    "503": complaint("503 Service Unavailable"),
    "504": (Send(response("504 Gateway Timeout")),),
    "529": complaint("529 Overloaded", "overloaded_error"),
    "error as a string": (Send(response("400 Bad Request", b'{"error": "nope"}')),),
    "error in another type": (
        Send(
            response(
                "402 Payment Required",
                b'{"error": {"message": "Insufficient Balance"}}',
                kind="application/octet-stream",
            )
        ),
    ),
    # --- 200 that is none
    "html with 200": (Send(response(body=b"<!doctype html><p>Welcome", kind="text/html")),),
    "empty with 200": (Send(response()),),
    "no json with 200": (Send(response(body=b'{"choices": [')),),
    "error inside 200": (
        Send(response(body=b'{"error": {"message": "busy", "code": "server_is_overloaded"}}')),
    ),
    "error inside the stream": stream(event({"error": {"message": ECHO, "code": 429}})),
    "error after words": stream(word("We "), event({"error": {"message": ECHO}}), DONE),
    "redirect": (Send(response("302 Found", b"", "Location: http://127.0.0.1:9/elsewhere")),),
    "204": (Send(b"HTTP/1.1 204 No Content\r\n\r\n"),),
    # --- the connection
    "reset before headers": (Reset(),),
    "hang-up before headers": (Close(),),
    "reset after headers": (Send(HEAD), Reset()),
    "hang-up after headers": (Send(HEAD), Close()),
    "reset after words": stream(word("We "), then=Reset()),
    "hang-up after words": stream(word("We "), then=Close()),
    "truncated whole": (Send(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"), Close()),
    "garbage status line": (Send(b"\x16\x03\x01 hello\r\n\r\n"), Close()),
    "garbage chunk size": (Send(HEAD + b"zz\r\nhello\r\n"), Close()),
    "huge header": (Send(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"a" * 100_000 + b"\r\n\r\n"), Close()),
    # --- time
    "silence": (Hold(),),
    "silence after headers": (Send(HEAD), Hold()),
    "silence after words": stream(word("We "), then=Hold()),
    "keep-alives for ever": (Send(HEAD), Send(KEEP_ALIVE, FOR_EVER, 0.02)),
    "roles for ever": (
        Send(HEAD),
        Send(event({"choices": [{"delta": {"role": "assistant"}}]}), FOR_EVER, 0.02),
    ),
    "one byte at a time": (
        Send(HEAD),
        *(Send(chunked(bytes((byte,))), 1, 0.05) for byte in b"data: {" + b" " * 1000),
    ),
    "words for ever": (Send(HEAD), Send(word("on and "), FOR_EVER, 0.01)),
    # --- size
    "50 MB line": (Send(HEAD + chunked(b"data: ")), Send(chunked(b"x" * 65536), 800)),
    "50 MB body": (
        Send(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n{"),
        Send(b" " * 65536, 800),
    ),
    "a flood of words": (Send(HEAD), Send(word("x" * 8192), FOR_EVER)),
    # --- the stream's own rules
    "not utf-8": stream(chunked(b'data: {"choices":[{"delta":{"content":"\xff\xfe"}}]}\n\n')),
    "not json": stream(event("{choices: oops"), DONE),
    "not an object": stream(event("[1, 2]"), DONE),
    "deep json": stream(event("[" * 100_000)),
    "no finish marker": stream(word("We ship "), word("there.")),
    "done without a reason": stream(word("We ship there."), DONE),
    "a reason nobody knows": stream(word("We ship"), finish("network_error"), DONE),
    "out of resources": stream(word("We"), finish("insufficient_system_resource"), DONE),
    "no words": stream(finish("stop"), DONE),
    "blank words": stream(word(" \n"), finish("stop"), DONE),
    "nothing passes the filter": stream(finish("content_filter"), DONE),
    "plain text": stream(chunked(b"upstream connect error or disconnect\n\n")),
}

# What looks odd and is fine all the same.
QUIRKS: Final[dict[str, Script]] = {
    "no end marker": stream(word("We ship there."), finish("stop")),
    "no end of the body": stream(word("We ship there."), finish("stop"), then=Hold()),
    "no blank line after the marker": stream(
        word("We ship there."), finish("stop"), chunked(b"data: [DONE]")
    ),
    "keep-alives between words": stream(
        KEEP_ALIVE, word("We ship "), KEEP_ALIVE, chunked(b":\n\n"), word("there."), finish("stop")
    ),
    "a byte order mark": stream(chunked(b"\xef\xbb\xbf"), word("We ship there."), finish("stop")),
    "carriage returns": stream(
        chunked(b'data: {"choices":[{"delta":{"content":"We ship there."}}]}\r\n\r'),
        chunked(b'\ndata: {"choices":[{"finish_reason":"stop"}]}\r\r'),
    ),
    "no space after the colon": stream(
        chunked(b'data:{"choices":[{"delta":{"content":"We ship there."}}]}\n\n'), finish("stop")
    ),
    "nulls everywhere": stream(
        event({"choices": [], "prompt_filter_results": [], "id": "", "usage": None}),
        event({"choices": [{"delta": {"content": None, "role": None}, "finish_reason": None}]}),
        word("We ship there."),
        event({"choices": [{"content_filter_offsets": {}, "finish_reason": None}]}),
        finish("stop"),
    ),
    "a list of parts": stream(
        event(
            {
                "choices": [
                    {
                        "delta": {
                            "content": [
                                {"type": "thinking", "thinking": []},
                                {"type": "text", "text": "We ship there."},
                            ]
                        }
                    }
                ]
            }
        ),
        finish("stop"),
    ),
    "half a character": stream(
        event('{"choices":[{"delta":{"content":"We ship there. \\ud83d"}}]}'),
        event('{"choices":[{"delta":{"content":"\\ude00"}}]}'),
        finish("stop"),
    ),
    "thoughts": stream(
        event({"choices": [{"delta": {"reasoning_content": "Norway?"}}]}),
        event({"choices": [{"delta": {"reasoning": "Norway!"}}]}),
        word("We ship there."),
        finish("stop"),
    ),
    "not streamed at all": (
        Send(
            response(
                body=b'\n{"choices": [{"message": {"content": "We ship there."},'
                b' "finish_reason": "stop"}]}'
            )
        ),
    ),
}
