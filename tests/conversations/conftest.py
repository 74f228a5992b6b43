import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from conversations.chat.redis_stream import Keys, redis_connect
from conversations.chat.services import Visit, message_receive
from conversations.models import PromptTemplate, PromptVersion, Widget
from gateway.db import db
from gateway.runtime import gateway_close
from gateway.sandbox.server import Pace, Sandbox
from gateway.services import key_add, provider_create


@pytest.fixture
def live_instructions() -> str:
    """What the live version tells the model; a module may tell it something else."""
    return "Q: When do you open?\nA: At nine."


@pytest.fixture
def live_version(request: pytest.FixtureRequest, live_instructions: str) -> PromptVersion:
    """A published version, live in its template; the test chooses its kind of database."""
    has_transactions = "transactional_db" in request.fixturenames
    request.getfixturevalue("transactional_db" if has_transactions else "db")
    template = PromptTemplate.objects.create(name="Shop")
    version = PromptVersion.objects.create(
        template=template, number=1, instructions=live_instructions
    )
    PromptTemplate.objects.filter(pk=template.pk).update(live=version)
    return version


@pytest.fixture
def widget(live_version: PromptVersion) -> Widget:
    """A widget that can converse."""
    return Widget.objects.create(name="Shop", prompt_template=live_version.template)


@pytest.fixture
def visitor() -> UUID:
    """Somebody's browser."""
    return uuid4()


@pytest.fixture
def visit(widget: Widget, visitor: UUID) -> Visit:
    """A visitor on the widget."""
    return Visit(widget=widget.pk, visitor=visitor, locale="en", page="https://shop.example/")


@pytest.fixture
def conversation(visit: Visit) -> UUID:
    """A conversation that has just begun, and waits for its answer."""
    return message_receive(
        visit=visit, conversation=None, client_id=uuid4(), text="Hello?", owner=""
    ).conversation


@pytest.fixture
async def site_gateway(transactional_db: None, sandbox: Sandbox) -> AsyncIterator[None]:
    """A gateway that calls the sandbox, as the site's own does after its first start."""
    await db.write(_provider_make, sandbox.url)
    yield
    await gateway_close()


@pytest.fixture
def slow_sandbox(sandbox: Sandbox) -> Sandbox:
    """The sandbox at a pace at which one can interrupt it."""
    sandbox.pace = Pace(first_seconds=0, word_seconds=0.2)
    return sandbox


@pytest.fixture
def redis_url() -> str:
    """A real Redis; the test is skipped, visibly, where there is none."""
    url = os.environ.get("TEST_REDIS_URL", "")
    if not url:
        pytest.skip("TEST_REDIS_URL is not set")
    return url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of it."""
    client = redis_connect(answer_seconds=2, url=redis_url)
    yield client
    await client.aclose()


@asynccontextmanager
async def keys_of_ones_own(redis: Redis) -> AsyncIterator[Keys]:
    """Give names that nobody else uses; their streams are deleted afterwards."""
    prefix = f"chatsite-test:{uuid4().hex}:"
    yield Keys(prefix)
    async for key in redis.scan_iter(f"{prefix}*"):
        await redis.delete(key)


@pytest.fixture
async def keys(redis: Redis) -> AsyncIterator[Keys]:
    """Names that nobody else uses."""
    async with keys_of_ones_own(redis) as own:
        yield own


def _provider_make(url: str) -> None:
    provider = provider_create(
        slug="sandbox",
        name="Sandbox",
        base_url=url,
        default_model="sandbox-1",
        is_private=True,
    )
    key_add(provider=provider, label="test", secret="sandbox-test")
