"""Limits and budgets, from their rows to the call that they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.db import db
from gateway.engine.errors import LimitedError, NoKeyError
from gateway.engine.types import Started
from gateway.models import ApiKey, Budget, Call, Limit
from gateway.models.call import Outcome
from gateway.runtime import Runtime
from gateway.sandbox.server import Sandbox
from gateway.services import allowance_delete, budget_save, limit_save
from tests.gateway.asking import answer, request

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_limit_holds_from_the_next_poll_on_and_goes_with_its_row(runtime: Runtime) -> None:
    through = await runtime.gateway()
    limit = Limit(kind="customer", requests_per_minute=1)
    await db.write(limit_save, limit=limit)
    assert await runtime.follow()
    await answer(through)
    with pytest.raises(LimitedError) as caught:
        await answer(through)
    assert caught.value.scope == "customer:c"
    await db.write(allowance_delete, row=limit)
    assert await runtime.follow()
    await answer(through)


async def test_a_key_and_a_model_keep_to_their_own_limits(runtime: Runtime) -> None:
    key = await db(ApiKey.objects.get)
    through = await runtime.gateway()
    model = Limit(kind="model", subject="sandbox/sandbox-1", tokens_per_minute=1)
    await db.write(limit_save, limit=model)
    await runtime.follow()
    with pytest.raises(LimitedError, match="a limit") as caught:
        await answer(through)
    assert caught.value.scope == "model:sandbox/sandbox-1"
    await db.write(allowance_delete, row=model)
    await db.write(limit_save, limit=Limit(kind="key", subject=str(key.pk), requests_per_minute=1))
    await runtime.follow()
    await answer(through)
    with pytest.raises((LimitedError, NoKeyError)):
        await answer(through, deadline_seconds=0.5)


async def test_a_budget_spent_before_a_restart_is_spent_after_it(
    runtime: Runtime, begin: Callable[[], Runtime], sandbox: Sandbox
) -> None:
    # Room for one question: a call sets its longest answer aside, then pays for what it took.
    await db.write(budget_save, budget=Budget(kind="customer", tokens=1200))
    await answer(await runtime.gateway())
    await runtime.aclose()
    spent = (await db(Call.objects.get)).spent_tokens
    assert spent > 0
    await db.write(lambda: Call.objects.update(spent_tokens=1200))

    with pytest.raises(LimitedError) as caught:
        await answer(await begin().gateway())
    assert caught.value.scope == "customer:c"
    assert sum(sandbox.calls.values()) == 1


async def test_a_stopped_answer_counts_towards_the_budget(runtime: Runtime) -> None:
    through = await runtime.gateway()
    stream = through.stream(await request("/fault stall 1"))
    assert isinstance(await anext(stream), Started)
    await stream.aclose()
    await runtime.aclose()
    call = await db(Call.objects.get)
    assert (call.outcome, call.prompt_tokens) == (Outcome.CANCELLED, None)
    assert call.spent_tokens > 10
