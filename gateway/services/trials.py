"""A key is tried with a real call: before it is trusted, and whenever somebody asks."""

from __future__ import annotations

from datetime import date

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.audit import event_note
from gateway.configuration import provider_config
from gateway.engine.config import Secret
from gateway.engine.probe import Probe
from gateway.engine.probe import key_probe as probe
from gateway.errors import KeyStateError, LabelTakenError, TrialFailedError
from gateway.models import ApiKey, Call, Price, Provider
from gateway.models.call import Outcome
from gateway.models.event import KeyDeed
from gateway.models.provider import KeyState
from gateway.services.keys import key_add, secret_check
from gateway.services.rotation import key_replace

TESTABLE = tuple(state for state in KeyState if state not in {KeyState.OUTDATED, KeyState.RETIRED})


@sensitive_variables("secret")
def key_add_tested(
    *,
    provider: Provider,
    label: str,
    secret: str,
    model: str = "",
    weight: int = 1,
    expires_on: date | None = None,
    by: User | None = None,
) -> tuple[ApiKey, Probe]:
    """Try a key, and add it if it serves; otherwise nothing is kept but the event.

    Args:
        provider: Whose key it is.
        label: What people call it.
        secret: The key.
        model: Whom to ask for a word; one that has answered before by default.
        weight: Its share of the traffic.
        expires_on: The last day on which the provider accepts it.
        by: Who does it.

    Raises:
        TrialFailedError: It does not serve.
        SecretError: That is no key, or the provider has it already.
        LabelTakenError: Another key of the provider has this label.
        VaultError: There is no usable master key.
    """
    if ApiKey.objects.filter(provider=provider, label=label.strip()).exists():
        raise LabelTakenError
    result = _tried(provider, secret_check(secret, provider), model, by)
    key = key_add(
        provider=provider, label=label, secret=secret, weight=weight, expires_on=expires_on, by=by
    )
    _note(key, result, by)
    return key, result


@sensitive_variables("secret")
def key_rotate(
    *, key: ApiKey, secret: str, model: str = "", by: User | None = None
) -> tuple[ApiKey, Probe]:
    """Try a new key, and put it in an old one's place if it serves; otherwise nothing changes.

    Raises:
        TrialFailedError: The new key does not serve.
        OperationError: As ``key_replace`` raises.
        VaultError: There is no usable master key.
    """
    owner = None if key.state == KeyState.OUTDATED else key.provider
    result = _tried(key.provider, secret_check(secret, owner), model, by)
    new = key_replace(key=key, secret=secret, by=by)
    _note(new, result, by)
    return new, result


@sensitive_variables("secret")
def key_test(*, key: ApiKey, model: str = "", by: User | None = None) -> Probe:
    """Try a key that is stored; whatever comes out, its state stays as it is.

    Raises:
        KeyStateError: Its secret is not kept any more.
        VaultError: It does not open.
    """
    if key.state not in TESTABLE:
        raise KeyStateError
    place = vault.api_key_place(key.provider.pk, key.provider.base_url)
    secret = vault.unseal(key.sealed_secret, **place)
    result = _probed(key.provider, secret, model)
    _note(key, result, by)
    return result


def model_to_ask(provider: Provider) -> str:
    """Return a model the provider is known to have, or nothing: then its own list decides."""
    answered = Call.objects.filter(provider=provider.slug, outcome=Outcome.SUCCEEDED)
    if model := answered.order_by("-started_at").values_list("model", flat=True).first():
        return model
    if provider.default_model:
        return provider.default_model
    priced = Price.objects.filter(provider=provider).order_by("-valid_from")
    return priced.values_list("model", flat=True).first() or ""


@sensitive_variables("secret")
def _tried(provider: Provider, secret: str, model: str, by: User | None) -> Probe:
    vault.fingerprint(secret)  # without a master key nobody should be called in vain
    result = _probed(provider, secret, model)
    if result.error is not None:
        event_note(KeyDeed.REFUSED, provider=provider, by=by, reason=result.error.code)
        raise TrialFailedError(result.error.code, result.model)
    return result


@sensitive_variables("secret")
def _probed(provider: Provider, secret: str, model: str) -> Probe:
    asked = model or model_to_ask(provider)
    return async_to_sync(probe)(provider_config(provider), Secret(secret), asked)


def _note(key: ApiKey, result: Probe, by: User | None) -> None:
    said = result.error.code if result.error else f"{result.model}, {result.took_ms} ms"
    event_note(KeyDeed.TESTED, provider=key.provider, key=key, by=by, reason=said)
