from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

from gateway.engine.batch import batch_complete, batch_results
from gateway.engine.errors import GatewayError, InvalidRequestError, TransientError
from gateway.engine.types import ChatRequest, Completion, FinishReason, Priority, Target
from tests.gateway.engine.upstreams import ask
from tests.gateway.engine.virtual import run


class Model:
    """Answers with the question; a question that begins with ``fail`` fails."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.priorities: set[Priority] = set()
        self.cancelled = 0

    async def complete(self, request: ChatRequest) -> Completion:
        text = request.messages[0].content
        self.priorities.add(request.priority)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(len(text) % 5)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if text.startswith("fail"):
            raise TransientError
        return Completion(text, Target("p", "m"), FinishReason.STOP, None)


def told(outcome: Completion | GatewayError) -> str:
    return outcome.text if isinstance(outcome, Completion) else outcome.code


def test_each_result_or_its_error_comes_in_order() -> None:
    texts = [("fail" if number % 3 == 0 else "") + "x" * number for number in range(30)]

    outcomes = run(batch_complete(Model(), [ask(text) for text in texts]))

    expected = ["transient" if text.startswith("fail") else text for text in texts]
    assert [told(outcome) for outcome in outcomes] == expected


def test_no_more_than_so_many_run_at_once_and_all_of_them_behind_chats() -> None:
    model = Model()
    run(batch_complete(model, [ask("x" * number) for number in range(40)], concurrency=7))

    assert model.most == 7
    assert model.priorities == {Priority.BATCH}


def test_requests_are_drawn_only_as_fast_as_they_are_answered() -> None:
    drawn = 0

    def requests() -> Iterator[tuple[int, ChatRequest]]:
        nonlocal drawn
        for drawn in range(1000):
            yield drawn, ask("xxx")

    async def scenario() -> None:
        async with aclosing(batch_results(Model(), requests(), concurrency=4)) as results:
            await anext(results)

    run(scenario())
    assert drawn < 10


def test_closing_stops_the_calls_under_way() -> None:
    model = Model()

    async def scenario() -> None:
        requests = enumerate([ask(""), *(ask("xxxx") for _ in range(10))])
        async with aclosing(batch_results(model, requests, concurrency=5)) as results:
            await anext(results)

    run(scenario())
    assert model.running == 0
    assert model.cancelled >= 4


def test_an_empty_batch_has_no_results() -> None:
    assert run(batch_complete(Model(), [])) == []


def test_a_fault_of_ours_is_not_taken_for_the_models() -> None:
    class Broken(Model):
        async def complete(self, request: ChatRequest) -> Completion:
            raise InvalidRequestError(parameter="temperature")

    (outcome,) = run(batch_complete(Broken(), [ask()]))
    assert isinstance(outcome, InvalidRequestError)
