from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from random import Random

import pytest

from gateway.engine.batch import batch_complete
from gateway.engine.config import KeyStanding, Pool
from gateway.engine.errors import (
    DeadlineExceededError,
    InvalidRequestError,
    NoKeyError,
    StreamBrokenError,
    TransientError,
)
from gateway.engine.keys import BenchPolicy, KeyState
from gateway.engine.limits import Limit
from gateway.engine.pipeline import Gateway, Settings, Stores
from gateway.engine.retry import RetryPolicy
from gateway.engine.telemetry import CallRecord, KeyChange, Outcome
from gateway.engine.types import (
    Completion,
    Finished,
    FinishReason,
    Priority,
    Started,
    Target,
    TextDelta,
    Usage,
)
from tests.gateway.engine.conftest import Diary, GatewayFactory, ScriptedFactory
from tests.gateway.engine.faults.leaks import nothing_is_left
from tests.gateway.engine.upstreams import (
    STOP,
    Received,
    answers,
    ask,
    events,
    good_stream,
    good_whole,
    provider,
    streams,
    word,
)

SETTINGS = Settings(retry=RetryPolicy(first_wait_seconds=0.01))
HERE = Target("here", "model-1")


async def test_it_streams_the_words_of_a_real_server(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert chunks[0] == Started(HERE, "label of sandbox-1", attempts=1)
    assert "".join(c.text for c in chunks if isinstance(c, TextDelta)) == "We ship there."
    assert chunks[-1] == Finished(FinishReason.STOP, Usage(7, 3))
    assert server.received[0].target == "POST /v1/chat/completions HTTP/1.1"
    assert server.received[0].key == "sandbox-1"
    (record,) = diary.calls
    assert (record.outcome, record.usage, len(record.attempts)) == (
        Outcome.SUCCEEDED,
        Usage(7, 3),
        1,
    )


async def test_it_completes_without_streaming(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)

    completion = await gateway_of(provider(server.url)).complete(ask())

    assert completion.text == "We ship there."
    assert "stream" not in server.received[0].json


async def test_it_reuses_the_connection(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))

    for _ in range(3):
        assert [chunk async for chunk in gateway.stream(ask())]

    assert server.accepted == 1


async def test_it_takes_the_next_key_when_one_is_refused(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "401 Unauthorized"), good_stream)
    gateway = gateway_of(provider(server.url, "one", "two"))

    chunks = [chunk async for chunk in gateway.stream(ask())]

    assert isinstance(chunks[0], Started)
    assert chunks[0].attempts == 2
    assert {request.key for request in server.received} == {"one", "two"}
    assert [attempt.error_code for attempt in diary.calls[0].attempts] == ["bad_credential", ""]


async def test_nobody_waits_for_the_only_key_once_it_was_refused(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "401 Unauthorized"))
    gateway = gateway_of(provider(server.url))

    async with asyncio.timeout(1):
        for _ in range(2):
            with pytest.raises(NoKeyError):
                await gateway.complete(ask())

    assert [len(call.attempts) for call in diary.calls] == [1, 0]


async def test_it_tells_who_wants_to_know_that_a_quota_is_spent(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "402 Payment Required"))
    gateway = gateway_of(provider(server.url))

    with pytest.raises(NoKeyError):
        await gateway.complete(ask())

    assert [change.standing for change in diary.changes] == [KeyStanding.EXHAUSTED]


async def test_it_never_retries_after_the_first_chunk(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We "))), good_stream)
    stream = gateway_of(provider(server.url)).stream(ask())

    received = [await anext(stream), await anext(stream)]
    with pytest.raises(StreamBrokenError):
        await anext(stream)

    assert received == [Started(HERE, "label of sandbox-1", attempts=1), TextDelta("We ")]
    assert len(server.received) == 1


async def test_a_route_goes_on_to_the_next_provider_before_the_first_chunk(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    down = await scripted(answers(b"{}", "503 Service Unavailable"))
    up = await scripted(good_stream)
    gateway = gateway_of(
        replace(provider(down.url), name="down"), provider(up.url), settings=SETTINGS
    )
    route = (Target("unknown", "m"), Target("down", "model-0"), HERE)

    chunks = [chunk async for chunk in gateway.stream(ask(route=route))]

    assert isinstance(chunks[0], Started)
    assert chunks[0].target == HERE
    asked = [attempt.target.provider for attempt in diary.calls[0].attempts]
    assert asked == ["down", "down", "down", "here"]
    assert up.received[0].json["model"] == "model-1"


async def test_no_other_provider_is_asked_for_what_is_the_callers_fault(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    strict = await scripted(answers(b"{}", "400 Bad Request"))
    other = await scripted(good_whole)
    gateway = gateway_of(replace(provider(strict.url), name="strict"), provider(other.url))

    with pytest.raises(InvalidRequestError):
        await gateway.complete(ask(route=(Target("strict", "m"), HERE)))
    assert not other.received


async def test_a_route_does_not_wait_for_a_key_while_there_is_another_way(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    throttled = await scripted(answers(b"{}", "429 Too Many", "retry-after: 20\r\n"))
    other = await scripted(good_whole)
    gateway = gateway_of(replace(provider(throttled.url), name="slow"), provider(other.url))
    began = time.monotonic()

    completion = await gateway.complete(ask(route=(Target("slow", "m"), HERE)))

    assert completion.target == HERE
    assert time.monotonic() - began < 5.0


async def test_a_route_that_leads_nowhere_says_so(gateway_of: GatewayFactory) -> None:
    with pytest.raises(NoKeyError, match="no provider"):
        await gateway_of().complete(ask())


async def test_a_passing_fault_is_tried_again_with_the_same_idempotency_key(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(answers(b"{}", "500 Oops"), answers(b"{}", "502 Oops"), good_whole)
    await gateway_of(provider(server.url), settings=SETTINGS).complete(ask())

    assert [attempt.status for attempt in diary.calls[0].attempts] == [500, 502, 200]
    assert len({request.headers["idempotency-key"] for request in server.received}) == 1


async def test_it_waits_for_a_throttled_key_that_recovers_within_the_deadline(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "429 Slow", "retry-after-ms: 150\r\n"), good_whole)
    began = time.monotonic()

    await gateway_of(provider(server.url)).complete(ask())

    assert time.monotonic() - began >= 0.15


async def test_if_no_key_recovers_in_time_it_says_at_once_when_one_will(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "429 Slow", "retry-after: 300\r\n"))
    gateway = gateway_of(provider(server.url))
    began = time.monotonic()

    with pytest.raises(NoKeyError) as caught:
        await gateway.complete(ask())

    assert caught.value.retry_after == pytest.approx(300, abs=5)
    assert time.monotonic() - began < 5.0


async def test_when_all_keys_rest_exactly_one_probe_goes_out(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    probing, verdict = asyncio.Event(), asyncio.Event()

    async def hesitant(request: Received, writer: asyncio.StreamWriter) -> None:
        probing.set()
        await verdict.wait()
        await good_stream(request, writer)

    throttled = answers(b"{}", "429 Slow", "retry-after-ms: 50\r\n")
    server = await scripted(throttled, hesitant, good_stream)
    gateway = gateway_of(provider(server.url))
    calls = [asyncio.create_task(_text(gateway))]
    await probing.wait()
    calls += [asyncio.create_task(_text(gateway)) for _ in range(20)]
    await asyncio.sleep(0.1)
    during_probe = len(server.received)
    verdict.set()

    assert await asyncio.gather(*calls) == ["We ship there."] * 21
    assert during_probe == 2


async def test_an_upstream_that_is_wholly_down_is_not_hammered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(answers(b"{}", "500 Oops"))
    settings = replace(SETTINGS, bench=BenchPolicy(failures=10**9))
    gateway = gateway_of(provider(server.url), settings=settings)

    outcomes = await asyncio.gather(
        *(gateway.complete(ask()) for _ in range(100)), return_exceptions=True
    )

    assert all(isinstance(outcome, TransientError) for outcome in outcomes)
    assert 100 <= len(server.received) <= 1.2 * 100 + 3


async def test_a_wholly_dead_upstream_trips_its_key_and_recovers_by_one_probe(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    failing = [answers(b"{}", "500 Oops")] * 3
    server = await scripted(*failing, good_whole)
    bench = BenchPolicy(failures=3, cool_seconds=0.2)
    gateway = gateway_of(provider(server.url), settings=replace(SETTINGS, bench=bench))
    with pytest.raises(TransientError):
        await gateway.complete(ask())

    began = time.monotonic()
    with pytest.raises(NoKeyError):
        await gateway.complete(ask(deadline_seconds=0.1))
    assert time.monotonic() - began < 0.1
    await gateway.complete(ask())
    assert gateway.key_health()["here"][0].state is KeyState.ACTIVE


async def test_the_deadline_spans_attempts_and_waits(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(then=None))
    began = time.monotonic()

    with pytest.raises(DeadlineExceededError):
        await gateway_of(provider(server.url)).complete(ask(deadline_seconds=0.3))
    assert 0.3 <= time.monotonic() - began < 2.0


async def test_a_line_of_a_batch_has_its_deadline_from_its_admission(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    async def slow(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        await good_whole(request, writer)

    server = await scripted(slow)
    gateway = gateway_of(provider(server.url, limit=Limit(concurrency=1)))
    request = ask(priority=Priority.BATCH, deadline_seconds=0.6)

    outcomes = await batch_complete(gateway, [request] * 5)

    # The last waited longer than a whole deadline before its own began.
    assert all(isinstance(outcome, Completion) for outcome in outcomes), outcomes


async def test_waiting_in_line_ends_with_the_deadline(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url, pool=Pool(connections=1, idle=1)))
    first = gateway.stream(ask())
    await anext(first)

    with pytest.raises(DeadlineExceededError):
        await gateway.complete(ask(deadline_seconds=0.2))
    await first.aclose()


async def test_closing_a_stream_closes_the_upstream_socket(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    stream = gateway.stream(ask())
    await anext(stream)
    await stream.aclose()
    await nothing_is_left(gateway, server)

    assert server.open_connections == 0
    assert diary.calls[0].outcome is Outcome.CANCELLED


async def test_a_caller_who_is_cancelled_twice_leaves_nothing_behind(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    for _ in range(20):
        task = asyncio.create_task(_text(gateway))
        await asyncio.sleep(0.01)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.wait((task,))

    await nothing_is_left(gateway, server)


async def test_a_parameter_that_a_provider_refuses_is_left_out_and_remembered(
    scripted: ScriptedFactory, gateway_of: GatewayFactory, diary: Diary
) -> None:
    refusal = b'{"error": {"message": "Unsupported", "param": "max_completion_tokens"}}'
    server = await scripted(answers(refusal, "400 Bad Request"), good_whole)
    gateway = gateway_of(provider(server.url))
    for _ in range(2):
        await gateway.complete(ask(max_output_tokens=9))

    sent = [request.json for request in server.received]
    assert ["max_tokens" in body for body in sent] == [False, True, True]
    assert len(diary.calls[0].attempts) == 1


async def test_a_provider_that_refuses_everything_is_not_asked_for_ever(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    async def refuse(request: Received, writer: asyncio.StreamWriter) -> None:
        field = next(name for name in request.json if name.startswith("max_"))
        await answers(f'{{"error": {{"param": "{field}"}}}}'.encode(), "400 No")(request, writer)

    server = await scripted(refuse)

    with pytest.raises(InvalidRequestError):
        await gateway_of(provider(server.url)).complete(ask(max_output_tokens=9))
    assert len(server.received) == 3


async def test_keys_are_swapped_under_running_streams_and_none_breaks(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    slow = streams(*(events(word("w")) for _ in range(20)), events(STOP), then=0.02)
    server = await scripted(slow)
    gateway = gateway_of(provider(server.url, "old"))
    calls = [asyncio.create_task(_text(gateway)) for _ in range(50)]
    await asyncio.sleep(0.1)
    for name in ("new 1", "new 2", "new 3"):
        await gateway.reconfigure([provider(server.url, name)])
        calls.append(asyncio.create_task(_text(gateway)))
        await asyncio.sleep(0.05)

    assert await asyncio.gather(*calls) == ["w" * 20] * 53
    assert [request.key for request in server.received[-3:]] == ["new 1", "new 2", "new 3"]


async def test_a_provider_that_moves_keeps_its_old_connections_until_the_last_stream_ends(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    slow = streams(*(events(word("w")) for _ in range(5)), events(STOP), then=0.05)
    old, new = await scripted(slow), await scripted(good_stream)
    gateway = gateway_of(provider(old.url))
    running = asyncio.create_task(_text(gateway))
    await asyncio.sleep(0.05)
    await gateway.reconfigure([provider(new.url)])

    assert await _text(gateway) == "We ship there."
    assert await running == "w" * 5
    for _ in range(100):
        if not old.open_connections:
            break
        await asyncio.sleep(0.01)
    assert old.open_connections == 0


async def test_a_call_that_waits_goes_to_where_its_provider_has_moved(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    old, new = await scripted(streams(events(word("w")), then=None)), await scripted(good_stream)
    one = Pool(connections=1, idle=1)
    gateway = gateway_of(provider(old.url, pool=one))
    first = gateway.stream(ask())
    await anext(first)
    waiting = [asyncio.create_task(_text(gateway)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await gateway.reconfigure([provider(new.url, pool=one)])

    assert await asyncio.gather(*waiting) == ["We ship there."] * 3
    await first.aclose()


async def test_a_call_between_two_attempts_goes_there_too_or_learns_that_it_is_gone(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    old = await scripted(answers(b"{}", "500 Oops", "retry-after: 0.2\r\n"))
    new = await scripted(good_stream)
    gateway = gateway_of(provider(old.url))
    moved = asyncio.create_task(_text(gateway))
    await asyncio.sleep(0.1)
    await gateway.reconfigure([provider(new.url)])
    assert await moved == "We ship there."

    await gateway.reconfigure([provider(old.url)])
    lost = asyncio.create_task(_text(gateway))
    await asyncio.sleep(0.1)
    await gateway.reconfigure([])
    with pytest.raises(NoKeyError, match="gone"):
        await lost


async def test_a_key_rests_here_when_another_process_says_so(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(provider(server.url, "one", "two"))
    gateway.rest_key("here", "one", 60.0, "throttled")
    gateway.rest_key("elsewhere", "one", 60.0, "throttled")
    for _ in range(3):
        await gateway.complete(ask())

    assert {request.key for request in server.received} == {"two"}


async def test_a_provider_that_is_gone_closes_at_once_when_nobody_speaks(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_stream)
    gateway = gateway_of(provider(server.url))
    await _text(gateway)
    await gateway.reconfigure([])
    await asyncio.sleep(0.05)

    assert server.open_connections == 0
    assert gateway.key_health() == {}


async def test_closing_the_gateway_ends_every_stream(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(streams(events(word("We ")), then=None))
    gateway = gateway_of(provider(server.url))
    running = asyncio.create_task(_text(gateway))
    await asyncio.sleep(0.05)
    await gateway.aclose()

    with pytest.raises(StreamBrokenError):
        await running


async def test_an_observer_that_fails_harms_no_call(scripted: ScriptedFactory) -> None:
    class Broken:
        def call_ended(self, record: CallRecord) -> None:
            raise LookupError

        def key_changed(self, change: KeyChange) -> None:
            raise LookupError

    server = await scripted(answers(b"{}", "402 Payment Required"), good_whole)
    gateway = Gateway([provider(server.url, "one", "two")], observers=(Broken(),))

    assert (await gateway.complete(ask())).text == "We ship there."
    await gateway.aclose()


async def test_a_probe_that_another_process_makes_is_waited_for(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    class Neighbours:
        def __init__(self) -> None:
            self.claims = 0
            self.shared: list[tuple[str, float, str]] = []
            self.ended: list[str] = []

        async def probe_claim(self, key_id: str, seconds: float) -> bool:
            self.claims += 1
            return self.claims > 1

        async def rest_share(self, key_id: str, seconds: float, reason: str) -> None:
            self.shared.append((key_id, seconds, reason))

        def probe_end(self, key_id: str) -> None:
            self.ended.append(key_id)

    neighbours = Neighbours()
    server = await scripted(answers(b"{}", "429 Slow", "retry-after-ms: 50\r\n"), good_whole)
    settings = Settings(bench=BenchPolicy(cool_seconds=0.1))
    gateway = gateway_of(provider(server.url), settings=settings, stores=Stores(keys=neighbours))

    await gateway.complete(ask())

    assert neighbours.claims == 2
    assert neighbours.ended == ["sandbox-1"]
    ((key_id, seconds, reason),) = neighbours.shared
    assert (key_id, reason) == ("sandbox-1", "throttled")
    assert seconds == pytest.approx(0.05, abs=0.02)


async def test_answers_never_cross_when_callers_leave(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    """Promise R17: each caller's canary comes back to that caller, or to nobody."""

    async def echo(request: Received, writer: asyncio.StreamWriter) -> None:
        text = request.body.decode().partition("canary-")[2].partition("!")[0]
        await streams(events(word(f"canary-{text}")), events(STOP), then=0.01)(request, writer)

    server = await scripted(echo)
    gateway = gateway_of(provider(server.url, pool=Pool(20, 20)))
    rand = Random(7)
    crossed: list[str] = []

    async def call(number: int) -> None:
        text = await _text(gateway, f"canary-{number}!")
        if text != f"canary-{number}":
            crossed.append(text)

    tasks = []
    for number in range(300):
        tasks.append(asyncio.create_task(call(number)))
        await asyncio.sleep(0.001)
        if rand.random() < 0.5:
            rand.choice(tasks).cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert crossed == []
    assert sum(not task.cancelled() for task in tasks) > 100
    await nothing_is_left(gateway, server)


async def _text(gateway: Gateway, text: str = "Do you ship to Norway?") -> str:
    chunks = [chunk async for chunk in gateway.stream(ask(text))]
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextDelta))
