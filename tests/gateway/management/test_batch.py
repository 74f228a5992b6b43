from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gateway.bootstrap import bootstrap
from gateway.engine.journal import Journal
from gateway.management.commands.batch import LineError, request_read
from gateway.models import Call
from gateway.sandbox.server import Pace, Sandbox, start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider() -> Iterator[Sandbox]:
    """A sandbox in a thread of its own, since the command brings its own event loop."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    sandbox = asyncio.run_coroutine_threadsafe(start(pace=Pace(0, 0)), loop).result(5)
    bootstrap(sandbox_url=sandbox.url)
    yield sandbox
    asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def batch(directory: Path, *lines: object) -> tuple[list[dict[str, Any]], str]:
    """Return the output's lines, and what was told beside it."""
    source, target, told = directory / "in.jsonl", directory / "out.jsonl", StringIO()
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    source.write_text("\n".join(texts), encoding="utf-8")
    call_command("batch", str(source), str(target), stderr=told)
    return [json.loads(line) for line in target.read_text().splitlines()], told.getvalue()


@pytest.mark.usefixtures("provider")
def test_each_answer_or_its_error_comes_in_order_and_one_failure_harms_no_other(
    tmp_path: Path,
) -> None:
    results, told = batch(
        tmp_path, '"hi"', {"prompt": "/fault 404"}, "no json", {"prompt": "hello"}
    )

    assert [result["index"] for result in results] == [0, 1, 2, 3]
    assert [result.get("error") for result in results] == [
        None,
        "model_missing",
        "invalid_line",
        None,
    ]
    assert results[0]["text"]
    assert results[0]["completion_tokens"] > 0
    assert "4/4" in told
    assert "2 answered, 2 failed." in told
    assert Call.objects.filter(is_batch=True).count() == 3


def test_what_was_finished_before_a_crash_is_not_paid_for_again(
    provider: Sandbox, tmp_path: Path
) -> None:
    batch(tmp_path, '"one"', '"two"', '"three"')
    done = (tmp_path / "out.jsonl").read_text().splitlines()
    (tmp_path / "out.jsonl").unlink()
    # As a crash after two of three lines leaves it.
    with Journal(tmp_path / "in.jsonl", tmp_path / "out.jsonl") as journal:
        for line in done[:2]:
            journal.add(json.loads(line)["index"], json.loads(line))
    before = sum(provider.calls.values())

    results, _ = batch(tmp_path, '"one"', '"two"', '"three"')

    assert len(results) == 3
    assert sum(provider.calls.values()) == before + 1


@pytest.mark.usefixtures("provider")
def test_an_empty_input_has_an_empty_output(tmp_path: Path) -> None:
    assert batch(tmp_path)[0] == []


def test_without_a_provider_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no provider yet"):
        batch(tmp_path, '"hi"')


@pytest.mark.usefixtures("provider")
def test_an_input_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("batch", str(tmp_path / "none"), str(tmp_path / "out"))


def test_a_line_may_say_everything() -> None:
    line = {
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
        "temperature": 1,
        "max_output_tokens": 50,
    }
    request = request_read(json.dumps(line), ())

    assert [message.content for message in request.messages] == ["Be kind.", "Hi"]
    assert (request.temperature, request.max_output_tokens) == (1.0, 50)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "7",
        "{}",
        '{"prompt": 7}',
        '{"messages": "hi"}',
        '{"messages": [7]}',
        '{"messages": [{"role": "king", "content": "hi"}]}',
        '{"prompt": "hi", "temperature": "hot"}',
        '{"prompt": "hi", "max_output_tokens": true}',
    ],
)
def test_a_line_that_is_no_request_says_why(line: str) -> None:
    with pytest.raises(LineError):
        request_read(line, ())
