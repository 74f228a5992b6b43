"""``manage.py batch in.jsonl out.jsonl``: many prompts at low priority, resumable."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gateway.engine.batch import BatchResult, batch_results
from gateway.engine.errors import GatewayError
from gateway.engine.journal import Journal, JournalError
from gateway.engine.types import ChatMessage, ChatRequest, Role, Target
from gateway.runtime import gateway, gateway_close
from gateway.selectors import default_route

LABELS = {"conversation": "batch"}
BAR_WIDTH = 30


class LineError(ValueError):
    """A line of the input is not a request."""


class Command(BaseCommand):
    """Answers every line of a file; after Ctrl-C or a crash it goes on where it stopped."""

    help = (
        "Each line of the input is a prompt: a JSON string, or an object with "
        '"prompt" or "messages" and optionally "temperature" and "max_output_tokens". '
        "Each line of the output is its answer or its error, in the same order."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("input", type=Path)
        parser.add_argument("output", type=Path)
        parser.add_argument("--concurrency", type=int, default=16, help="calls at once")

    def handle(self, *_: str, **options: Any) -> None:
        route = default_route()
        if not route:
            raise CommandError("There is no provider yet. Add one in the admin, or run the demo.")
        try:
            lines = options["input"].read_text(encoding="utf-8").splitlines()
            journal = Journal(options["input"], options["output"])
        except (OSError, UnicodeDecodeError, JournalError) as error:
            raise CommandError(str(error)) from error
        todo = [index for index in range(len(lines)) if index not in journal.finished]
        requests = self._requests(lines, todo, route, journal)
        with journal:
            try:
                asyncio.run(self._run(requests, len(lines), journal, options["concurrency"]))
            except KeyboardInterrupt:
                raise CommandError("Stopped. Run the same command again to go on.") from None
            failed = len(lines) - len(journal.finished)
            if not journal.close(len(lines)):
                raise CommandError("Not all lines have a result. Run the same command again.")
        self.stderr.write(f"\n{len(lines) - failed} answered, {failed} failed.")

    async def _run(
        self,
        requests: Iterator[tuple[int, ChatRequest]],
        total: int,
        journal: Journal,
        concurrency: int,
    ) -> None:
        try:
            results = batch_results(await gateway(), requests, concurrency=concurrency)
            async with aclosing(results):
                async for result in results:
                    journal.add(result.index, _told(result))
                    self._progress(len(journal), total)
        finally:
            await gateway_close()

    def _requests(
        self, lines: list[str], todo: list[int], route: tuple[Target, ...], journal: Journal
    ) -> Iterator[tuple[int, ChatRequest]]:
        for index in todo:
            try:
                yield index, request_read(lines[index], route)
            except LineError as error:
                journal.add(index, {"error": "invalid_line", "detail": str(error)})

    def _progress(self, done: int, total: int) -> None:
        filled = BAR_WIDTH * done // max(total, 1)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        self.stderr.write(f"\r[{bar}] {done}/{total}", ending="")
        self.stderr.flush()


def request_read(line: str, route: tuple[Target, ...]) -> ChatRequest:
    """Return the request that a line of the input stands for.

    Raises:
        LineError: It stands for none.
    """
    try:
        said = json.loads(line)
    except ValueError:
        raise LineError("the line is not JSON") from None
    if isinstance(said, str):
        said = {"prompt": said}
    if not isinstance(said, dict):
        raise LineError("the line is neither a string nor an object")
    messages = said.get("messages") or [{"role": "user", "content": said.get("prompt")}]
    return ChatRequest(
        messages=_messages(messages),
        route=route,
        temperature=_number(said, "temperature", float),
        max_output_tokens=_number(said, "max_output_tokens", int),
        labels=LABELS,
    )


def _messages(entries: object) -> tuple[ChatMessage, ...]:
    if not isinstance(entries, list):
        raise LineError("messages are not a list")
    return tuple(_message(entry) for entry in entries)


def _message(entry: object) -> ChatMessage:
    match entry:
        case {"role": "system" | "user" | "assistant" as role, "content": str(content)}:
            return ChatMessage(Role(role), content)
        case _:
            raise LineError("there is no prompt, or a message without a known role and a content")


def _number(said: Mapping[str, Any], name: str, kind: type) -> Any:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LineError(f"{name} is not a number")
    return kind(value)


def _told(result: BatchResult) -> dict[str, Any]:
    outcome = result.outcome
    if isinstance(outcome, GatewayError):
        return {"error": outcome.code, "retry_after": outcome.retry_after}
    usage = outcome.usage
    return {
        "text": outcome.text,
        "model": f"{outcome.target.provider}/{outcome.target.model}",
        "finish": outcome.reason.value,
        "prompt_tokens": usage.prompt_tokens if usage else None,
        "completion_tokens": usage.completion_tokens if usage else None,
    }
