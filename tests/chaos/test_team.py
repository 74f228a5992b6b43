"""What a customer leaves for the team, on two processes, PostgreSQL and Redis."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import aiohttp

from tests.chaos.browser import Browser
from tests.chaos.services import Redis
from tests.chaos.site import Site, environment, manage
from tests.chaos.world import World

REPEATS = 20
CLOSE = """
from django.contrib.auth.models import User
from django.utils import timezone
from conversations.models import TeamMessage
from conversations.team.services import team_message_close
kim, _ = User.objects.get_or_create(username="kim")
message = TeamMessage.objects.get()
assert team_message_close(
    message=message.pk, conversation=message.conversation_id, note="", by=kim, now=timezone.now()
)
"""


def shown(tab: Browser) -> list[tuple[str, bool]]:
    """Return what a tab was last told of what was left for the team: its id, and if it is open."""
    told = [frame["team"] for frame in tab.frames if "team" in frame]
    asked = told[-1]["asked"] if told and told[-1] else []
    return [(message["id"], message["open"]) for message in asked]


async def leave(world: World, site: Site, tab: Browser, letter: UUID) -> tuple[int, Any]:
    """Leave a message at a process, as the customer of a tab."""
    body = {
        "id": str(letter),
        "conversation": tab.transcript.conversation,
        "page": "",
        "name": "",
        "email": "ada@example.org",
        "text": "Please call me.",
    }
    headers = {"Authorization": f"Bearer {tab.transcript.token}", "Host": world.origin[7:]}
    url = f"http://127.0.0.1:{site.port}/widget/{world.public_key}/team/"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def tabs(world: World) -> tuple[Browser, Browser]:
    """Return two tabs of one customer on one conversation, each at a process of its own."""
    one = world.browser(world.address(world.sites[0]))
    await one.welcomed()
    await one.answered(await one.say(world.line(words=5).question))
    two = world.browser(world.address(world.sites[1]), token_of=one)
    await two.welcomed()
    return one, two


async def test_both_processes_tell_once_what_was_left_at_both_and_closed_at_neither(
    scaled: World,
) -> None:
    one, two = await tabs(scaled)
    letter = UUID(int=scaled.rng.getrandbits(128), version=4)
    answers = await asyncio.gather(
        *(leave(scaled, scaled.sites[turn % 2], one, letter) for turn in range(REPEATS))
    )
    assert answers == [(201, {"conversation": one.transcript.conversation})] * REPEATS
    for tab in (one, two):
        await tab.until(lambda tab=tab: shown(tab) == [(str(letter), True)])  # type: ignore[misc]  # mypy cannot infer defaults
    # A process that serves nobody, and tells nobody of it.
    environ = environment(scaled.database_url)
    await asyncio.to_thread(manage, environ, "shell", "--command", CLOSE)
    for tab in (one, two):
        await tab.until(lambda tab=tab: shown(tab) == [(str(letter), False)])  # type: ignore[misc]  # as above
    await scaled.prove()


async def test_the_other_process_tells_it_without_redis_and_without_the_one_that_took_it(
    scaled: World, redis: Redis
) -> None:
    one, two = await tabs(scaled)
    redis.freeze()
    letter = UUID(int=scaled.rng.getrandbits(128), version=4)
    status, _ = await leave(scaled, scaled.sites[0], one, letter)
    await scaled.sites[0].kill()
    assert status == 201
    await two.until(lambda: shown(two) == [(str(letter), True)])
    redis.thaw()
