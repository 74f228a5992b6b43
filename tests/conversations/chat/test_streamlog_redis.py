"""Two processes' logs over one real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from conversations.chat import inlet, outlet
from conversations.chat.neighbours import tasks_end
from conversations.chat.pokes import About, Poke
from conversations.chat.redis_stream import Keys, redis_connect, streams_read
from conversations.chat.speech import words_of
from conversations.chat.streamlog import Block, Cursor, Delta, Snapshot
from conversations.chat.streamlog_redis import RedisStreamLog

REPLY = 7
PATIENCE_SECONDS = 10.0


class Process:
    """A log with its tasks, and what it was told."""

    def __init__(self, url: str, name: str, keys: Keys) -> None:
        self.fenced: list[int] = []
        self.pokes: list[Poke] = []
        self.writing = redis_connect(answer_seconds=outlet.ANSWER_SECONDS, url=url)
        self.reading = redis_connect(answer_seconds=inlet.ANSWER_SECONDS, url=url)
        self.log = RedisStreamLog(
            self.writing,
            self.reading,
            name,
            keys=keys,
            on_fenced=self.fenced.append,
            on_poke=self.pokes.append,
        )
        self._tasks = [
            asyncio.create_task(run()) for run in (self.log.outlet.run, self.log.inlet.run)
        ]

    async def leave(self) -> None:
        await tasks_end(self._tasks)
        await self.writing.aclose()
        await self.reading.aclose()


Start = Callable[[str], Process]


@pytest.fixture
async def process(redis_url: str, keys: Keys) -> AsyncIterator[Start]:
    """Return a function that starts a process."""
    started: list[Process] = []

    def start(name: str) -> Process:
        started.append(Process(redis_url, name, keys))
        return started[-1]

    yield start
    for each in started:
        await each.leave()


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.005)


def nothing() -> None:
    """Wake nobody."""


async def test_words_reach_a_reader_in_another_process(process: Start) -> None:
    ours, theirs = process("a"), process("b")
    unwatch = theirs.log.watch(REPLY, nothing)
    ours.log.begin(REPLY, 1)
    ours.log.append(REPLY, Delta(1, 0, "😀 one\n\nt", (Block(8, "<p>😀 one</p>"),)))
    ours.log.append(REPLY, Delta(1, 9, "wo"))
    whole = Snapshot(1, 11, "two", (Block(8, "<p>😀 one</p>"),))
    await until(lambda: theirs.log.read(REPLY, None) == whole)
    assert theirs.log.inlet.deaf == []
    unwatch()
    assert theirs.log.read(REPLY, None) is None


async def test_a_reader_that_comes_late_hears_everything_at_once(process: Start) -> None:
    ours, theirs = process("a"), process("b")
    ours.log.begin(REPLY, 1)
    ours.log.append(REPLY, Delta(1, 0, "Hello"))
    await asyncio.sleep(0.1)
    loop = asyncio.get_running_loop()
    began_at, woken = loop.time(), asyncio.Event()
    theirs.log.watch(REPLY, woken.set)
    await asyncio.wait_for(woken.wait(), PATIENCE_SECONDS)
    # Well below the time that the inlet blocks for.
    assert loop.time() - began_at < inlet.BLOCK_SECONDS / 2


async def test_the_writer_of_an_older_attempt_is_told_and_changes_nothing(process: Start) -> None:
    frozen, newer, reader = process("a"), process("b"), process("c")
    reader.log.watch(REPLY, nothing)
    frozen.log.begin(REPLY, 1)
    frozen.log.append(REPLY, Delta(1, 0, "old"))
    await until(lambda: reader.log.read(REPLY, None) == Snapshot(1, 3, "old"))
    newer.log.begin(REPLY, 2)
    newer.log.append(REPLY, Delta(2, 0, "new"))
    await until(lambda: reader.log.read(REPLY, None) == Snapshot(2, 3, "new"))
    frozen.log.append(REPLY, Delta(1, 3, "er"))
    await until(lambda: frozen.fenced == [REPLY])
    await asyncio.sleep(0.1)
    assert reader.log.read(REPLY, None) == Snapshot(2, 3, "new")


async def test_a_second_writer_of_the_same_attempt_is_told(process: Start) -> None:
    first, second = process("a"), process("b")
    first.log.begin(REPLY, 1)
    for offset in range(3):
        first.log.append(REPLY, Delta(1, offset, "x"))
        await asyncio.sleep(0.05)
    second.log.begin(REPLY, 1)
    await until(lambda: second.fenced == [REPLY])
    assert first.fenced == []


async def test_a_writer_whom_the_database_believes_goes_on(process: Start) -> None:
    stale, ours, reader = process("a"), process("b"), process("c")
    stale.log.begin(REPLY, 5)
    await asyncio.sleep(0.1)
    ours.log.begin(REPLY, 1)
    ours.log.append(REPLY, Delta(1, 0, "Hello"))
    await until(lambda: ours.fenced == [REPLY])
    ours.log.outlet.regain(REPLY)
    await asyncio.sleep(0.1)
    reader.log.watch(REPLY, nothing)
    await until(lambda: reader.log.read(REPLY, None) == Snapshot(1, 5, "Hello"))


async def test_a_stream_that_was_flushed_begins_again_whole(
    process: Start, redis: Redis, keys: Keys
) -> None:
    ours, theirs = process("a"), process("b")
    theirs.log.watch(REPLY, nothing)
    ours.log.begin(REPLY, 1)
    ours.log.append(REPLY, Delta(1, 0, "Hello"))
    await until(lambda: theirs.log.read(REPLY, None) == Snapshot(1, 5, "Hello"))
    await redis.delete(keys.reply(REPLY), keys.pokes)
    ours.log.append(REPLY, Delta(1, 5, " you"))
    await until(lambda: theirs.log.read(REPLY, None) == Snapshot(1, 9, "Hello you"))
    [(_, entries)] = await streams_read(redis, {keys.reply(REPLY): "0"}, count=9, block_seconds=1)
    assert [fields["text"] for _, fields in entries] == ["Hello you"]
    assert 0 < await redis.ttl(keys.reply(REPLY)) <= outlet.STREAM_SECONDS


async def test_words_go_on_after_redis_was_away(
    process: Start, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = process("a"), process("b")
    theirs.log.watch(REPLY, nothing)
    ours.log.begin(REPLY, 1)
    ours.log.append(REPLY, Delta(1, 0, "Hello"))
    await until(lambda: theirs.log.read(REPLY, None) == Snapshot(1, 5, "Hello"))

    is_away = True
    for client in (ours.writing, ours.reading, theirs.reading):
        connect = client.connection_pool.get_connection

        async def refuse(
            *args: object, connect: Callable[..., Awaitable[object]] = connect, **kwargs: object
        ) -> object:
            if is_away:
                raise RedisConnectionError
            return await connect(*args, **kwargs)

        monkeypatch.setattr(client.connection_pool, "get_connection", refuse)
    ours.log.append(REPLY, Delta(1, 5, " you"))
    await until(lambda: theirs.log.inlet.deaf == [REPLY])
    assert ours.log.read(REPLY, None) == Snapshot(1, 9, "Hello you")  # we need no Redis

    theirs.log.merge(REPLY, words_of(1, "Hello y"))  # a checkpoint
    assert theirs.log.read(REPLY, Cursor(1, 5)) == Delta(1, 5, " y")

    is_away = False
    await until(lambda: theirs.log.read(REPLY, Cursor(1, 7)) == Delta(1, 7, "ou"))
    await until(lambda: theirs.log.inlet.deaf == [])


async def test_a_process_hears_the_others_pokes_and_not_its_own(process: Start) -> None:
    ours, theirs = process("a"), process("b")
    await asyncio.sleep(0.1)
    poke = Poke(About.STOPPED, "7")
    ours.log.outlet.poke(poke)
    await until(lambda: theirs.pokes == [poke])
    assert ours.pokes == []


async def test_a_reply_that_ends_here_and_goes_on_elsewhere_is_followed(process: Start) -> None:
    released, other = process("a"), process("b")
    released.log.watch(REPLY, nothing)
    released.log.begin(REPLY, 1)
    released.log.append(REPLY, Delta(1, 0, "Hel"))
    released.log.end(REPLY)
    other.log.begin(REPLY, 2)
    other.log.append(REPLY, Delta(2, 0, "Hello"))
    await until(lambda: released.log.read(REPLY, Cursor(1, 3)) == Snapshot(2, 5, "Hello"))
