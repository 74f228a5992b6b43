"""The ring of one provider's keys: which serves next, which rest, and for how long.

A key is *active*; *cooling* until a time, after being throttled or after several failures within a
window; then *half-open*: one probe, one in the whole cluster, decides whether it serves again or
cools twice as long. *Exhausted* and *revoked* last until a person acts, *draining* and *paused* are
what a person did. All times are those of the caller's clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.engine.config import KeyConfig, KeyStanding
from gateway.engine.errors import (
    BadCredentialError,
    CallerFaultError,
    GatewayError,
    ModelMissingError,
    QuotaSpentError,
    ThrottledError,
    UpstreamError,
)
from gateway.engine.pacing import Pace


class KeyState(StrEnum):
    """What a key is doing right now."""

    ACTIVE = "active"
    COOLING = "cooling"
    HALF_OPEN = "half_open"
    EXHAUSTED = "exhausted"
    REVOKED = "revoked"
    DRAINING = "draining"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPolicy:
    """When a key rests, and for how long.

    Args:
        failures: So many passing faults ...
        window_seconds: ... within so long bench a key. One never does.
        cool_seconds: The first rest; it doubles with each failed probe.
        max_cool_seconds: The longest rest that we choose ourselves.
        refusals: So many refusals of the credential in a row revoke a key.
        probe_seconds: A probe that has not ended by then is given up, and another may start.
    """

    failures: int = 5
    window_seconds: float = 30.0
    cool_seconds: float = 5.0
    max_cool_seconds: float = 300.0
    refusals: int = 3
    probe_seconds: float = 60.0


class Key:
    """A key as the ring knows it; only the ring changes it."""

    def __init__(self, config: KeyConfig) -> None:
        self.config = config
        self.standing = config.standing
        self.streams = 0
        self.cooling_until: float | None = None
        self.reason = ""
        self.pace = Pace()
        self.failures: deque[float] = deque()
        self.refusals = self.rests = 0
        self.probed_until = 0.0
        self.used_at = 0.0

    def state(self, now: float) -> KeyState:
        """Return what the key is doing."""
        if self.standing is not KeyStanding.ACTIVE:
            return KeyState(self.standing.value)
        if self.cooling_until is None:
            return KeyState.ACTIVE
        return KeyState.COOLING if now < self.cooling_until else KeyState.HALF_OPEN

    def ready_at(self, now: float) -> float | None:
        """Return when the key may serve, ``now`` at the earliest, or None: not by itself."""
        if self.standing is not KeyStanding.ACTIVE:
            return None
        if self.cooling_until is None:
            return self.pace.ready_at(now)
        return max(now, self.cooling_until, self.probed_until)


class KeyStore(Protocol):
    """What processes tell each other about keys that rest."""

    async def probe_claim(self, key_id: str, seconds: float) -> bool:
        """Claim the one probe of a key in the whole cluster, for so long at the most."""
        ...

    async def rest_share(self, key_id: str, seconds: float, reason: str) -> None:
        """Tell the other processes that a key rests."""
        ...

    def probe_end(self, key_id: str) -> None:
        """Give the claim back, now that the probe has its verdict; it returns at once."""
        ...


class LonelyKeys:
    """The store of a process that has nobody to tell."""

    async def probe_claim(self, key_id: str, seconds: float) -> bool:  # noqa: ARG002  # the ring itself allows one probe at a time
        """Grant every claim."""
        return True

    async def rest_share(self, key_id: str, seconds: float, reason: str) -> None:
        """Tell nobody."""

    def probe_end(self, key_id: str) -> None:
        """Give nothing back."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A key to serve one attempt; a probe decides over the key's fate."""

    key: Key
    is_probe: bool


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """What an operator sees of a key; ``ready_in_seconds`` is None when a person must act."""

    id: str
    label: str
    state: KeyState
    reason: str
    streams: int
    ready_in_seconds: float | None


@dataclass(slots=True)
class KeyRing:
    """The keys of one provider.

    Args:
        policy: When keys rest.
    """

    policy: BenchPolicy = field(default_factory=BenchPolicy)
    _keys: dict[str, Key] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._keys)

    def update(self, configs: Iterable[KeyConfig]) -> None:
        """Take the operator's keys; what is known of a key lasts while its secret does."""
        keys: dict[str, Key] = {}
        for config in configs:
            known = self._keys.get(config.id)
            if known is None or known.config.secret != config.secret:
                keys[config.id] = Key(config)
                continue
            if known.config.standing is not config.standing:
                if known.standing in (KeyStanding.REVOKED, KeyStanding.EXHAUSTED):
                    known.cooling_until, known.rests = None, 0  # it led to this, and is mended
                known.standing, known.reason, known.refusals = config.standing, "", 0
            known.config = config
            keys[config.id] = known
        self._keys = keys

    def pick(self, now: float) -> Pick | None:
        """Return the key that serves next, or None if none can now.

        Among those that can, the one with the fewest streams for its weight; of equals, the one
        longest unused.
        """
        ready = [key for key in self._keys.values() if key.ready_at(now) == now]
        if not ready:
            return None
        key = min(ready, key=_load)
        if is_probe := key.cooling_until is not None:
            key.probed_until = now + self.policy.probe_seconds
        key.streams += 1
        key.used_at = now
        key.pace.spend(now)
        return Pick(key, is_probe)

    def ready_at(self, now: float) -> float | None:
        """Return the earliest time at which a key may serve, or None: none is worth waiting for.

        Nobody waits for a key that was refused: the next answer would most likely be the same.
        """
        worthy = (key for key in self._keys.values() if key.reason != BadCredentialError.code)
        times = [at for key in worthy if (at := key.ready_at(now)) is not None]
        return min(times, default=None)

    def is_probing(self, now: float) -> bool:
        """Tell whether a probe is under way, whose end may bring a key back at any time."""
        return any(
            key.state(now) is KeyState.HALF_OPEN and now < key.probed_until
            for key in self._keys.values()
        )

    def put_back(self, pick: Pick) -> None:
        """End the use of a key; a probe that ended without a verdict makes room for another."""
        pick.key.streams -= 1
        if pick.is_probe:
            pick.key.probed_until = 0.0

    def unused(self, pick: Pick, until: float) -> None:
        """Take a pick back that never called; the key may be picked again at ``until``."""
        pick.key.streams -= 1
        if pick.is_probe:
            pick.key.probed_until = until
        else:
            pick.key.pace.rest(until)

    def succeeded(self, pick: Pick) -> None:
        """Note that the provider answered with this key."""
        key = pick.key
        key.refusals = 0
        if pick.is_probe:
            key.cooling_until, key.probed_until, key.reason = None, 0.0, ""
            key.rests = 0
            key.failures.clear()

    def failed(self, pick: Pick, error: GatewayError, now: float) -> KeyStanding | None:
        """Note how an attempt failed; return the key's new standing if it changed for good."""
        key = pick.key
        match error:
            case QuotaSpentError():
                return self._settle(key, KeyStanding.EXHAUSTED, error)
            case BadCredentialError():
                key.refusals += 1
                if key.refusals >= self.policy.refusals:
                    return self._settle(key, KeyStanding.REVOKED, error)
                self._cool(key, error, now)
            case ThrottledError():
                self._cool(key, error, now)
            case CallerFaultError() | ModelMissingError():
                # The provider answered, if only to blame the request: the key is not to blame.
                self.succeeded(pick)
            case UpstreamError():
                self._note_failure(pick, error, now)
        return None

    def cool(self, key_id: str, seconds: float, reason: str, now: float) -> None:
        """Rest a key because another process learned that it should."""
        key = self._keys.get(key_id)
        if key is not None and (key.cooling_until or 0.0) < now + seconds:
            key.cooling_until, key.reason = now + seconds, reason

    def health(self, now: float) -> list[KeyHealth]:
        """Return what an operator sees of the keys."""
        report = []
        for key in self._keys.values():
            at = key.ready_at(now)
            wait = None if at is None else at - now
            config = key.config
            report.append(
                KeyHealth(config.id, config.label, key.state(now), key.reason, key.streams, wait)
            )
        return report

    def _note_failure(self, pick: Pick, error: GatewayError, now: float) -> None:
        key = pick.key
        key.failures.append(now)
        while key.failures[0] <= now - self.policy.window_seconds:
            key.failures.popleft()
        if pick.is_probe or len(key.failures) >= self.policy.failures:
            self._cool(key, error, now)

    def _cool(self, key: Key, error: GatewayError, now: float) -> None:
        seconds = error.retry_after
        is_resting = key.cooling_until is not None and now < key.cooling_until
        if seconds is None:
            if is_resting:
                return  # a call that was under way when the rest began says nothing new
            seconds = min(self.policy.cool_seconds * 2.0**key.rests, self.policy.max_cool_seconds)
        if not is_resting:
            key.rests += 1
        key.cooling_until = max(key.cooling_until or 0.0, now + seconds)
        key.probed_until = 0.0
        key.failures.clear()
        key.reason = error.code

    def _settle(self, key: Key, standing: KeyStanding, error: GatewayError) -> KeyStanding | None:
        if key.standing is not KeyStanding.ACTIVE:
            return None
        key.standing, key.reason = standing, error.code
        return standing


def _load(key: Key) -> tuple[float, float]:
    return ((key.streams + 1) / key.config.weight, key.used_at)
