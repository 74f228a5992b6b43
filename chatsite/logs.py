"""Logs for machines: one JSON object a line, with ids and without anybody's words.

A line says what our own code says. An exception is told by its kind and by where it happened:
what it says may hold what a customer wrote, or what a database quoted from a row.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from gateway.logcontext import log_about, logging_about

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **log_about(),
        }
        if record.exc_info and record.exc_info[0]:
            told["exception"] = record.exc_info[0].__qualname__
            told["where"] = _places(record.exc_info[2])
        return json.dumps(told, ensure_ascii=False, default=str)


class RequestIdMiddleware:
    """Gives each request an id: in every line logged about it, and in its answer.

    A proxy's id is taken over if it is well-formed, so that its logs and ours meet.
    """

    async_capable = True
    sync_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        """Answer, and name the request."""
        if self._is_async:
            return self._acall(request)
        name = request_id(request)
        with logging_about(request=name):
            response: HttpResponse = self.get_response(request)
        response[HEADER] = name
        return response

    async def _acall(self, request: HttpRequest) -> HttpResponse:
        name = request_id(request)
        with logging_about(request=name):
            response: HttpResponse = await self.get_response(request)
        response[HEADER] = name
        return response


def request_id(request: HttpRequest) -> str:
    """Return the id a request came with, or a new one."""
    given = request.headers.get(HEADER, "")
    return given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def _places(tracebacks: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(tracebacks)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
