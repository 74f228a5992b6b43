"""``manage.py batch in.jsonl out.jsonl``: many prompts under the same limits, behind every chat."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gateway.batchfile import InvalidLineError, Journal, request_read, result_of
from gateway.engine.batch import CONCURRENCY, batch_results
from gateway.engine.types import ChatRequest, Target
from gateway.runtime import gateway, gateway_close
from gateway.selectors import default_route

BAR_WIDTH = 30
INTERRUPTED = 130  # what shells expect of a program that Ctrl-C has ended


class Command(BaseCommand):
    """Answers every line, in order; stopped and run again, it goes on where it was."""

    help = (
        "Answers every line of a JSON Lines file (prompt, or messages) into another. After Ctrl-C "
        "or a crash the same command goes on; what was answered is not asked again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("input", type=Path)
        parser.add_argument("output", type=Path)
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY)

    def handle(self, *_: str, **options: Any) -> None:
        source, output = options["input"], options["output"]
        if output.exists():
            raise CommandError(f"{output} is there already. Name another file, or delete it.")
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise CommandError(f"{source} cannot be read: {fault}") from fault
        lines = [line for line in text.splitlines() if line.strip()]
        with Journal(output, lines) as journal:
            try:
                asyncio.run(self._answer(lines, default_route(), journal, options["concurrency"]))
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped: {len(journal.results)} of {len(lines)} lines are answered. "
                    "The same command goes on.",
                    returncode=INTERRUPTED,
                ) from None
            journal.finish()
        failed = sum("error" in result for result in journal.results.values())
        self.stderr.write(f"{len(lines) - failed} lines answered, {failed} failed: {output}")

    async def _answer(
        self, lines: Sequence[str], route: tuple[Target, ...], journal: Journal, concurrency: int
    ) -> None:
        def waiting() -> Iterator[tuple[int, ChatRequest]]:
            for index, line in enumerate(lines):
                if index in journal.results:
                    continue
                try:
                    yield index, request_read(line, route)
                except InvalidLineError as fault:
                    journal.keep(index, result_of(line, fault))

        try:
            through = await gateway()
            results = batch_results(through, waiting(), concurrency=concurrency)
            async with aclosing(results):
                async for result in results:
                    journal.keep(result.index, result_of(lines[result.index], result.outcome))
                    self._progress(len(journal.results), len(lines))
        finally:
            await gateway_close()

    def _progress(self, done: int, whole: int) -> None:
        if self.stderr.isatty():
            filled = BAR_WIDTH * done // whole
            bar = "█" * filled + "░" * (BAR_WIDTH - filled)
            self.stderr.write(f"\r{bar} {done} of {whole}", ending="" if done < whole else "\n")
            self.stderr.flush()
