import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from conversations.chat.redis_stream import Keys, redis_connect


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


@pytest.fixture
async def keys(redis: Redis) -> AsyncIterator[Keys]:
    """Names that nobody else uses; their streams are deleted afterwards."""
    prefix = f"chatsite-test:{uuid4().hex}:"
    yield Keys(prefix)
    async for key in redis.scan_iter(f"{prefix}*"):
        await redis.delete(key)
