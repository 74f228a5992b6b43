from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gateway.batchfile import Journal
from gateway.models import Call
from gateway.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = "Q: Where is it?\nA: It is on its way."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    lines: list[Any] = [{"id": n, "prompt": "hi", "system": SYSTEM} for n in range(20)]
    lines[7] = {"id": 7, "prompt": "/fault 404"}
    lines[9] = {"id": 9}
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def run(source: Path) -> tuple[str, list[Any]]:
    told, output = StringIO(), source.with_name("out.jsonl")
    call_command("batch", source, output, "--concurrency", "4", stderr=told)
    return told.getvalue(), [json.loads(line) for line in output.read_text().splitlines()]


def test_every_line_has_its_answer_or_its_error_in_order(source: Path, provider: Sandbox) -> None:
    told, results = run(source)
    assert [result["id"] for result in results] == list(range(20))
    assert "18 lines answered, 2 failed" in told
    assert results[7]["error"]["code"] == "model_missing"
    assert results[9]["error"]["code"] == "invalid_line"
    assert all("Hello!" in result["text"] for result in results if "text" in result)
    assert Call.objects.filter(is_batch=True).count() == 19


def test_stopped_and_run_again_it_pays_for_no_line_twice(
    source: Path, provider: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, kept = Journal.keep, 0

    def keep_ten(journal: Journal, index: int, result: dict[str, Any]) -> None:
        nonlocal kept
        kept += 1
        keep(journal, index, result)
        if kept == 10:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "keep", keep_ten)
        with pytest.raises(CommandError, match="of 20 lines are answered"):
            run(source)
    begun = sum(provider.calls.values())
    _, results = run(source)
    assert len(results) == 20
    # Four were under way when it was stopped, and two failed: these alone are asked twice.
    assert sum(provider.calls.values()) <= 19 + 4 + 1
    assert begun >= 9


def test_a_result_that_is_there_is_never_overwritten(source: Path) -> None:
    source.with_name("out.jsonl").write_text("precious")
    with pytest.raises(CommandError, match="is there already"):
        run(source)


def test_a_batch_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nothing.jsonl")
