import pytest
from django.db import DataError, OperationalError

from conversations.chat.patience import patiently


class Sleep:
    """Waits without waiting."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def test_an_outage_of_any_length_ends_in_an_answer() -> None:
    sleep, tries = Sleep(), 0

    async def act() -> str:
        nonlocal tries
        tries += 1
        if sum(sleep.seconds) < 30:
            raise OperationalError("database is locked")
        return "saved"

    assert await patiently(act, sleep=sleep) == "saved"
    assert 10 < tries < 30
    assert max(sleep.seconds) <= 2


async def test_what_waiting_does_not_heal_is_not_waited_for() -> None:
    sleep = Sleep()

    async def act() -> None:
        raise DataError("too long")

    with pytest.raises(DataError):
        await patiently(act, sleep=sleep)
    assert sleep.seconds == []
