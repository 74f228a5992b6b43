"""What the operator decides: providers, their keys, clocks, pools and prices, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from gateway.engine.limits import Limit


class Secret:
    """A string that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class KeyStanding(StrEnum):
    """What is known of a key for good, until a person changes it."""

    ACTIVE = "active"
    PAUSED = "paused"
    EXHAUSTED = "exhausted"
    REVOKED = "revoked"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyConfig:
    """A credential of one provider.

    Args:
        id: Stable over restarts and processes; hooks and shared stores name the key by it.
        label: What people call the key.
        weight: Its share of the traffic, relative to the other keys.
    """

    id: str
    label: str
    secret: Secret
    weight: int = 1
    standing: KeyStanding = KeyStanding.ACTIVE
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs today."""

    currency: str
    prompt_per_million: Decimal
    completion_per_million: Decimal


@dataclass(frozen=True, slots=True)
class Pool:
    """How many connections to one provider may be open, and how many of them idle."""

    connections: int = 100
    idle: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """A place that answers chat completions, with the keys that open it.

    Args:
        name: What routes call it.
        dialect: An entry of ``providers.DIALECTS``.
        base_url: Up to, not with, ``/chat/completions``; ``{model}`` in it is replaced.
        proxy_url: An outgoing HTTP proxy, with its credentials if it has any.
        region: Where it keeps what it is sent; empty if nobody knows.
        allow_private: Whether it may live at an address that is not public.
        prices: By model; an unknown price is reported as unknown, never as zero.
        limit: Ours, over all models and keys of this provider.
        model_limits: Ours, by model.
    """

    name: str
    base_url: str
    keys: tuple[KeyConfig, ...]
    dialect: str = "openai"
    proxy_url: Secret | None = None
    region: str = ""
    allow_private: bool = False
    pool: Pool = Pool()
    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))
    limit: Limit | None = None
    model_limits: Mapping[str, Limit] = field(default_factory=lambda: MappingProxyType({}))

    def has_same_wire(self, other: ProviderConfig) -> bool:
        """Tell whether connections opened for the one serve the other."""
        return (self.base_url, self.dialect, self.proxy_url, self.allow_private, self.pool) == (
            other.base_url,
            other.dialect,
            other.proxy_url,
            other.allow_private,
            other.pool,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How long each stage of one attempt may take, in seconds.

    Args:
        connect: Name look-up, TCP and TLS together.
        first_token: From sending to the first sign of the model; a plain call's whole answer
            is its first token and gets ``plain`` instead.
        idle: Between two signs of the model; a provider's keep-alives are none.
        closing: From the finish reason to the end of the body: usage may still come.
        gather: For words that follow the first ones closely to be handed on together.
    """

    connect: float = 5.0
    first_token: float = 20.0
    plain: float = 30.0
    idle: float = 20.0
    closing: float = 2.0
    gather: float = 0.0
