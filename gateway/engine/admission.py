"""Who may call now: a key that is free, and room within every limit and budget, all or nothing.

A call that a limit holds back waits, chat before batch, as long as waiting makes sense: for a key,
a provider or a model while the deadline allows it, for its own widget, customer or address only
briefly, because whoever asks too much should hear so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.engine.budgets import Budgets, Hold
from gateway.engine.call import Call
from gateway.engine.config import Price
from gateway.engine.errors import LimitedError
from gateway.engine.estimate import prompt_tokens, request_tokens
from gateway.engine.keys import Pick
from gateway.engine.limits import Charge, Denied, Lease, Limit, LimitStore
from gateway.engine.line import Later, Line
from gateway.engine.telemetry import cost_of
from gateway.engine.types import Priority, Target, Usage
from gateway.engine.upstream import Upstream

# A lease outlives the longest call a little, so that only a crash ever lets one run out.
_LEASE_MARGIN_SECONDS: Final = 15.0
_OURS: Final = ("provider:", "model:")


@dataclass(slots=True)
class Admission:
    """Permission for one attempt, to be settled exactly once."""

    pick: Pick
    lease: Lease | None
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class _Asker:
    """A call in front of the door, with the scopes it is charged to before it has a key."""

    call: Call
    upstream: Upstream
    charges: tuple[Charge, ...]
    tokens: float
    is_patient: bool


class Doorkeeper:
    """Admits calls.

    Args:
        limits: Where the buckets are.
        table: What scopes are allowed, by ``kind:name`` or, for all others of a kind, by kind.
        budgets: The daily ones, if there are any.
        patience_seconds: How long a chat waits for a limit of its own side.
    """

    def __init__(
        self,
        limits: LimitStore,
        table: Mapping[str, Limit],
        budgets: Budgets | None,
        patience_seconds: float,
    ) -> None:
        self._limits = limits
        self.table = table
        self._budgets = budgets
        self._patience_seconds = patience_seconds
        self._lines: dict[str, Line] = {}
        self._loop = asyncio.get_running_loop()

    async def admit(
        self, call: Call, target: Target, upstream: Upstream, *, is_patient: bool
    ) -> Admission:
        """Return permission for one attempt at one target.

        Args:
            call: Who asks.
            target: Where to.
            upstream: The target's provider.
            is_patient: Whether to wait for this target, there being no other.

        Raises:
            LimitedError: A limit or a budget says no.
            NoKeyError: No key can serve in time.
        """
        tokens = request_tokens(call.request)
        hold = await self._hold(call, upstream.config.prices.get(target.model), tokens)

        asker = _Asker(call, upstream, self._charges(call, target, upstream), tokens, is_patient)
        try:
            admission = await self._queue(asker)
        except BaseException:
            if self._budgets is not None and hold is not None:
                self._budgets.settle(hold, 0.0, None)
            raise
        admission.hold = hold
        return admission

    def settle(self, admission: Admission, tokens: float | None, cost: Decimal | None) -> None:
        """End an attempt with what it really cost; None: as much as was reserved."""
        lease = admission.lease
        if lease is not None:
            self._limits.settle(lease, tokens)
            for charge in lease.charges:
                if line := self._lines.get(charge.scope):
                    line.changed()
        if admission.hold is not None and self._budgets is not None:
            reserved = admission.hold.tokens
            self._budgets.settle(admission.hold, reserved if tokens is None else tokens, cost)

    async def _queue(self, asker: _Asker) -> Admission:
        """Try at once, unless others wait for the same; then stand in line behind them."""
        scope = next((c.scope for c in asker.charges if c.scope in self._lines), None)
        if scope is None:
            outcome = await self._attempt(asker)
            if isinstance(outcome, Admission):
                return outcome
            self._later(asker, outcome)
            scope = outcome.scope

        async def attempt() -> Admission | Later:
            outcome = await self._attempt(asker)
            return self._later(asker, outcome) if isinstance(outcome, Denied) else outcome

        line = self._lines.setdefault(scope, Line())
        try:
            return await line.join(asker.call.request.priority, attempt)
        finally:
            if not line:
                self._lines.pop(scope, None)

    async def _attempt(self, asker: _Asker) -> Admission | Denied:
        """Take a key and everything else at once, or say what denies it."""
        call, upstream = asker.call, asker.upstream
        while True:
            pick = await upstream.take_key(
                call.request.priority, call.deadline, is_patient=asker.is_patient
            )
            charges = asker.charges
            if pick.key.config.limit is not None:
                charges = (Charge(f"key:{pick.key.config.id}", pick.key.config.limit), *charges)
            if not charges:
                return Admission(pick, None, None)
            try:
                seconds = call.request.deadline_seconds + _LEASE_MARGIN_SECONDS
                outcome = await self._limits.reserve(charges, asker.tokens, seconds)
            except BaseException:
                upstream.put_back(pick)
                raise
            if isinstance(outcome, Lease):
                return Admission(pick, outcome, None)
            wait = outcome.retry_after
            if not outcome.scope.startswith("key:") or wait is None:
                upstream.put_back(pick)
                return outcome
            upstream.put_back_unused(pick, self._loop.time() + wait)

    def _later(self, asker: _Asker, denied: Denied) -> Later:
        """Return when to try again, or raise if waiting makes no sense."""
        wait = denied.retry_after
        error = LimitedError("a limit of ours is reached", scope=denied.scope, retry_after=wait)
        if wait is None:
            error.detail = "the request alone is larger than the limit"
            raise error
        now = self._loop.time()
        patience = asker.call.deadline
        if asker.call.request.priority is Priority.CHAT and not denied.scope.startswith(_OURS):
            patience = min(patience, asker.call.began + self._patience_seconds)
        if now + wait >= patience or not asker.is_patient:
            raise error
        return Later(now + wait)

    def _charges(self, call: Call, target: Target, upstream: Upstream) -> tuple[Charge, ...]:
        config = upstream.config
        limits = {
            f"provider:{target.provider}": config.limit,
            f"model:{target.provider}/{target.model}": config.model_limits.get(target.model),
        }
        for kind, name in call.request.scopes.items():
            scope = f"{kind}:{name}"
            limits[scope] = self.table.get(scope) or self.table.get(kind)
        return tuple(Charge(scope, limit) for scope, limit in limits.items() if limit is not None)

    async def _hold(self, call: Call, price: Price | None, tokens: int) -> Hold | None:
        scopes = call.request.scopes
        if self._budgets is None or not scopes:
            return None
        prompt = prompt_tokens(call.request)
        cost = cost_of(Usage(prompt, tokens - prompt), price)
        return await self._budgets.hold(scopes, tokens, cost, price.currency if price else "")
