"""One real call with one key, apart from all traffic: does it serve, how fast, what may it do?

Nothing is shared with the gateway that runs: the wire lives as long as the probe. What comes back
is for people's eyes, so of the provider's words only names and numbers of a strict shape pass.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.engine.addresses import base_url_fault
from gateway.engine.config import Clocks, ProviderConfig, Secret
from gateway.engine.errors import (
    AddressBlockedError,
    DeadlineExceededError,
    GatewayError,
    InvalidRequestError,
)
from gateway.engine.exchange import Exchange
from gateway.engine.failures import failure_from_response
from gateway.engine.providers import (
    DIALECTS,
    Dialect,
    completions_url,
    dialect_without,
    models_url,
    request_body,
    request_headers,
)
from gateway.engine.pump import Pump
from gateway.engine.types import ChatMessage, ChatRequest, Finished, Role, Target, TextDelta
from gateway.engine.wire import Wire

PROBE_SECONDS: Final = 20.0
MAX_MODELS: Final = 200
_MAX_LIST_BYTES: Final = 1024 * 1024
_MAX_ADAPTATIONS: Final = 2
_MODEL_NAME: Final = re.compile(r"[A-Za-z0-9][\w.:/@+-]{0,119}")
_LIMIT_HEADER: Final = re.compile(r"x-ratelimit-(limit|remaining|reset)-[a-z-]{1,30}")
_LIMIT_VALUE: Final = re.compile(r"(\d{1,12}(\.\d{1,6})?(ms|s|m|h|d)?){1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a key could do when it was tried.

    Args:
        error: Why it does not serve; None if it does.
        model: Which model was asked, or nothing if none was known.
        took_ms: From sending to the end of the answer.
        models: Those the provider lists for this key, or nothing if it does not list any.
        limits: Pairs of an ``x-ratelimit-*`` header, without its prefix, and its value.
    """

    error: GatewayError | None
    model: str
    took_ms: int
    models: tuple[str, ...] = ()
    limits: tuple[tuple[str, str], ...] = ()

    @property
    def serves(self) -> bool:
        """Whether the key may be trusted with customers."""
        return self.error is None


async def key_probe(
    config: ProviderConfig, secret: Secret, model: str = "", *, seconds: float = PROBE_SECONDS
) -> Probe:
    """List the models with a key and have one of them say a word; never raises.

    Args:
        config: The provider; its own keys are not used.
        secret: The key to try.
        model: Whom to ask; the first model of the list by default.
        seconds: For everything together.
    """
    trial = _Trial(config, secret, model)
    try:
        async with asyncio.timeout(seconds):
            await trial.run(asyncio.get_running_loop().time() + seconds)
    except TimeoutError:
        trial.error = DeadlineExceededError(f"no answer within {seconds:g} s")
    except GatewayError as error:
        trial.error = error
    finally:
        await trial.wire.aclose()
    return trial.result()


class _Trial:
    """A probe under way, which keeps what was learned before it failed."""

    def __init__(self, config: ProviderConfig, secret: Secret, model: str) -> None:
        self._config = config
        self._secret = secret
        self._model = model
        self._models: tuple[str, ...] = ()
        self._headers: dict[str, str] = {}
        self._took_seconds = 0.0
        self._call_id = uuid.uuid4().hex
        self.error: GatewayError | None = None
        self.wire = Wire(
            pool=config.pool,
            connect_seconds=Clocks().connect,
            proxy_url=config.proxy_url,
            allow_private=config.allow_private,
        )

    async def run(self, deadline: float) -> None:
        fault = base_url_fault(self._config.base_url, allow_private=self._config.allow_private)
        if fault is not None:
            raise AddressBlockedError(f"the base URL cannot be called: {fault}")
        refusal = await self._list()
        self._model = self._model or next(iter(self._models), "")
        if self._model:
            await self._ask(DIALECTS[self._config.dialect], deadline)
        elif refusal is not None:
            raise refusal
        else:
            raise InvalidRequestError("no model is known that could be asked")

    def result(self) -> Probe:
        secret = self._secret.reveal()
        limits = sorted(
            (name.removeprefix("x-ratelimit-"), value)
            for name, value in self._headers.items()
            if _LIMIT_HEADER.fullmatch(name) and _LIMIT_VALUE.fullmatch(value)
        )
        return Probe(
            error=self.error,
            model=self._model,
            took_ms=round(self._took_seconds * 1000),
            models=tuple(name for name in self._models if secret not in name),
            limits=tuple(pair for pair in limits if secret not in pair[1]),
        )

    async def _list(self) -> GatewayError | None:
        """Read the list of models; many servers have none, so a refusal decides nothing yet."""
        dialect = DIALECTS[self._config.dialect]
        headers = request_headers(dialect, self._secret.reveal(), self._call_id, stream=False)
        begun = time.monotonic()
        try:
            async with self.wire.get(models_url(self._config.base_url), headers) as reply:
                body = await reply.read(_MAX_LIST_BYTES)
        except GatewayError as error:
            return error
        finally:
            self._took_seconds = time.monotonic() - begun
        self._headers |= reply.headers
        if not reply.is_success:
            return failure_from_response(
                dialect, reply.status, reply.headers, body, wall_time=time.time()
            )
        self._models = _names(body)
        return None

    async def _ask(self, dialect: Dialect, deadline: float) -> None:
        """Have the model say a word, without the parameters the provider complains about."""
        for adaptations_left in reversed(range(_MAX_ADAPTATIONS + 1)):
            try:
                return await self._exchange(dialect, deadline)
            except InvalidRequestError as complaint:
                adapted = dialect_without(dialect, complaint)
                if adapted is None or not adaptations_left:
                    raise
                dialect = adapted
        return None

    async def _exchange(self, dialect: Dialect, deadline: float) -> None:
        request = ChatRequest(
            messages=(ChatMessage(Role.USER, "Say yes."),),
            route=(Target(self._config.name, self._model),),
            max_output_tokens=16,
        )
        exchange = Exchange(
            wire=self.wire,
            dialect=dialect,
            clocks=Clocks(),
            url=completions_url(self._config.base_url, self._model),
            request_headers=request_headers(
                dialect, self._secret.reveal(), self._call_id, stream=True
            ),
            body=request_body(dialect, request, self._model, stream=True),
            stream=True,
        )
        begun = time.monotonic()
        pump: Pump[TextDelta | Finished] = Pump(exchange.run, deadline=deadline)
        try:
            while await pump.batch():
                pass
        finally:
            await pump.aclose()
            self._took_seconds = time.monotonic() - begun
            self._headers |= _as_dict(exchange.headers)


def _names(body: bytes) -> tuple[str, ...]:
    """Return the model names in a list as OpenAI shapes it, as far as they look like names."""
    try:
        listed = json.loads(body)["data"]
        names = [entry["id"] for entry in listed]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ()
    fit = (name for name in names if isinstance(name, str) and _MODEL_NAME.fullmatch(name))
    return tuple(sorted(fit)[:MAX_MODELS])


def _as_dict(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
