"""The results of a batch, kept line by line as they come, so that a crash costs nothing twice.

Results come in any order, so they are appended to ``out.jsonl.part``, each safely on disk before
the next is asked for. When all are there they are put in order into ``out.jsonl``, which therefore
exists only when it is complete.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class JournalError(Exception):
    """The journal belongs to another input, or there is no room for it."""


class Journal:
    """What is known of one batch.

    Args:
        source: The input; a journal begun for other bytes is refused.
        target: Where the ordered results go in the end.
    """

    def __init__(self, source: Path, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.part")
        self._input = sha256(source.read_bytes()).hexdigest()
        self._lines = self._read()
        self._file = self._path.open("a", encoding="utf-8")

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def finished(self) -> frozenset[int]:
        """Which lines of the input need not be asked again; failed ones do."""
        return frozenset(index for index, line in self._lines.items() if "error" not in line)

    def add(self, index: int, result: Mapping[str, Any]) -> None:
        """Keep one result, on disk when this returns."""
        line = {"index": index, **result}
        self._lines[index] = line
        self._write(line)

    def close(self, count: int) -> bool:
        """Put the results in order if all of so many are there, and tell whether they were."""
        self._file.close()
        if len(self._lines) < count:
            return False
        text = "".join(f"{_json(self._lines[index])}\n" for index in sorted(self._lines))
        draft = self._target.with_name(f"{self._target.name}.tmp")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._target)
        self._path.unlink()
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def _read(self) -> dict[int, dict[str, Any]]:
        text = ""
        if self._path.exists():
            text = self._path.read_text(encoding="utf-8", errors="replace")
        whole, _, torn = text.rpartition("\n")
        whole = whole or _json({"input": self._input})
        if torn or not text:
            # After a crash in the middle of a line: that result was never promised to anybody.
            self._path.write_text(f"{whole}\n", encoding="utf-8")
        head, *rest = (json.loads(line) for line in whole.splitlines())
        if head.get("input") != self._input:
            raise JournalError(f"{self._path} was begun for another input; remove it to begin anew")
        return {line["index"]: line for line in rest}

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(f"{_json(line)}\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _json(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False)
