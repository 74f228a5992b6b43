import pytest
from pytest_django import Settings

from conversations.chat.limits import FRAMES, FrameRate, Turnstile, address_of
from conversations.errors import TooManyError, TooManySocketsError
from gateway.engine.limits import MemoryLimits

HOME, OFFICE = "203.0.113.7", "198.51.100.9"


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def alone() -> None:
    """Share nothing."""


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def turnstile(clock: Clock, settings: Settings) -> Turnstile:
    """Few messages a minute for a visitor, some more for an address, two sockets."""
    settings.VISITOR_MESSAGES_PER_MINUTE = 3
    settings.ADDRESS_MESSAGES_PER_MINUTE = 5
    settings.ADDRESS_SOCKETS = 2
    return Turnstile(MemoryLimits(clock), alone)


async def refusal(turnstile: Turnstile, visitor: str, address: str) -> float:
    with pytest.raises(TooManyError) as caught:
        await turnstile.message_admit(visitor, address)
    assert caught.value.retry_after
    return caught.value.retry_after


async def test_a_visitor_over_the_limit_is_told_when_to_come_back(
    turnstile: Turnstile, clock: Clock
) -> None:
    for _ in range(3):
        await turnstile.message_admit("anna", "")
    retry_after = await refusal(turnstile, "anna", "")
    assert retry_after == pytest.approx(20, abs=0.2)
    clock.now += retry_after
    await turnstile.message_admit("anna", "")
    await turnstile.message_admit("bert", "")


async def test_visitors_of_one_address_share_its_limit(turnstile: Turnstile) -> None:
    for visitor in ("anna", "anna", "bert", "bert", "carl"):
        await turnstile.message_admit(visitor, HOME)
    await refusal(turnstile, "dora", HOME)
    await turnstile.message_admit("dora", OFFICE)


async def test_a_refused_message_costs_nothing(turnstile: Turnstile, clock: Clock) -> None:
    for _ in range(3):
        await turnstile.message_admit("anna", HOME)
    for _ in range(10):
        await refusal(turnstile, "anna", HOME)
    for _ in range(2):
        await turnstile.message_admit("bert", HOME)


async def test_an_address_may_have_so_many_sockets_open_at_a_time(turnstile: Turnstile) -> None:
    leave = await turnstile.socket_admit(HOME)
    await turnstile.socket_admit(HOME)
    with pytest.raises(TooManySocketsError) as caught:
        await turnstile.socket_admit(HOME)
    assert caught.value.retry_after
    await turnstile.socket_admit(OFFICE)
    leave()
    await turnstile.socket_admit(HOME)


async def test_an_address_that_says_nothing_is_not_counted(turnstile: Turnstile) -> None:
    for _ in range(10):
        await turnstile.socket_admit("")


def test_frames_come_in_bursts_and_then_at_a_rate(clock: Clock) -> None:
    rate = FrameRate(clock)
    for _ in range(int(FRAMES.capacity)):
        rate.admit()
    with pytest.raises(TooManyError) as caught:
        rate.admit()
    assert caught.value.retry_after
    clock.now += caught.value.retry_after
    rate.admit()


@pytest.mark.parametrize(
    ("client", "whom"),
    [
        (("203.0.113.7", 1), "203.0.113.7"),
        (("::ffff:203.0.113.7", 1), "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("127.0.0.1", 1), ""),
        (("::1", 1), ""),
        (("unix", 0), ""),
        (None, ""),
    ],
)
def test_an_address_stands_for_a_customers_line(client: tuple[str, int] | None, whom: str) -> None:
    assert address_of(client) == whom


async def test_several_processes_count_messages_together(clock: Clock, settings: Settings) -> None:
    settings.VISITOR_MESSAGES_PER_MINUTE = 2
    together = MemoryLimits(clock)

    async def shared() -> MemoryLimits:
        return together

    one, other = (Turnstile(MemoryLimits(clock), shared) for _ in range(2))
    await one.message_admit("anna", "")
    await other.message_admit("anna", "")
    await refusal(one, "anna", "")
