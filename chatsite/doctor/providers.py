"""Who answers customers: secrets that open, providers that are there, keys that serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from chatsite.counted import counted
from chatsite.doctor.finding import Finding, doubtful, fine, wrong
from chatsite.origin import is_loopback
from gateway.checkup import ProviderKeys, keys_checkup, keys_try, providers_reach
from gateway.engine.probe import Probe
from gateway.engine.reach import Reach
from gateway.errors import trial_words
from gateway.processes import KeyName
from gateway.sealed import SealedSecrets, secrets_sealed
from gateway.selectors import SANDBOX, default_route
from gateway.vault import VaultError

SKEW_SECONDS = 30.0  # providers tell the time to the second, and some are off themselves


def secrets_check() -> Iterator[Finding]:
    """Try the master keys on every secret in the database."""
    yield secrets_judge(secrets_sealed())


def secrets_judge(secrets: SealedSecrets) -> Finding:
    """Judge how many secrets open."""
    if secrets.unreadable:
        return wrong(
            f"{len(secrets.unreadable)} of {secrets.count} secrets do not open under MASTER_KEYS: "
            f"{', '.join(secrets.unreadable)}.",
            "Add the master key they were sealed with, or enter them again in the admin.",
        )
    if not secrets.count:
        return fine("There is no secret yet that MASTER_KEYS would have to open.")
    opening = counted(secrets.count, "secret opens", "secrets open")
    return fine(f"{opening} under MASTER_KEYS, and none stays shut.")


def providers_check() -> Iterator[Finding]:
    """Look who answers by default, then ask at the address of each active provider."""
    is_public = not is_loopback(urlsplit(settings.SITE_URL).hostname)
    route = [target.provider for target in default_route()]
    yield route_judge(route, is_public=is_public, has_key=bool(settings.OPENAI_API_KEY))
    for slug, reach in providers_reach().items():
        yield from reach_judge(slug, reach)


def route_judge(route: Sequence[str], *, is_public: bool, has_key: bool) -> Finding:
    """Judge who answers where a prompt names nobody.

    Args:
        route: The providers that are asked, in this order.
        is_public: Whether strangers reach the site.
        has_key: Whether the environment names a key, which a site adds once it starts.
    """
    if not route:
        first = (
            "Start the site, which" if has_key else "Set OPENAI_API_KEY and start the site, which"
        )
        remedy = f"{first} adds its provider; or add one with a default model in the admin."
        return wrong("No provider answers by default.", remedy)
    if route[0] == SANDBOX and is_public:
        return wrong("The sandbox answers customers, and makes it up.", "Add a real provider.")
    return fine(f"Customers are answered by {', then '.join(route)}.")


def reach_judge(slug: str, reach: Reach) -> Iterator[Finding]:
    """Judge whether a provider can be reached, and whether its clock agrees with ours."""
    if reach.error is not None:
        said = reach.error.detail or reach.error.code
        yield wrong(
            f"{slug} cannot be reached: {said}.",
            "See its address and proxy in the admin, and this machine's way to the internet.",
        )
        return
    yield fine(f"{slug} can be reached; it answers after {reach.took_ms} ms.")
    off = abs(reach.clock - reach.at) if reach.clock is not None else 0.0
    if off > SKEW_SECONDS:
        yield doubtful(
            f"The clock of {slug} and this machine's differ by {off:.0f} s.",
            "Keep this machine's clock right, with chrony or systemd-timesyncd.",
        )


def keys_check() -> Iterator[Finding]:
    """Count the keys that serve, by what processes and operators say of them."""
    for keys in keys_checkup(timezone.now()):
        yield from keys_judge(keys)


def keys_judge(keys: ProviderKeys) -> Iterator[Finding]:
    """Judge the keys of one provider."""
    if keys.serving:
        serving = counted(len(keys.serving), "key that serves", "keys that serve")
        yield fine(f"{keys.provider} has {serving}.")
    elif keys.resting:
        yield wrong(
            f"Every key of {keys.provider} rests after failures: {', '.join(keys.resting)}.",
            "The keys' pages in the admin say why and until when.",
        )
    else:
        yield wrong(f"{keys.provider} has no key that serves.", "Add one, or resume one.")
    if keys.serving and keys.resting:
        yield doubtful(f"Of {keys.provider}, these rest after failures: {', '.join(keys.resting)}.")
    if keys.waiting:
        named = ", ".join(f"{label} ({state})" for label, state in keys.waiting)
        yield doubtful(f"Keys of {keys.provider} that do not serve: {named}.")


def trial_check() -> Iterator[Finding]:
    """Try each key with a real call."""
    try:
        tried = keys_try()
    except VaultError as fault:
        yield wrong(f"A key does not open: {fault}")
        return
    yield from trials_judge(tried)


def trials_judge(tried: Mapping[KeyName, Probe]) -> Iterator[Finding]:
    """Judge what came of a real call with each key."""
    for (slug, label), probe in tried.items():
        if probe.error is None:
            yield fine(f"{label} of {slug}: {probe.model} has answered in {probe.took_ms} ms.")
        else:
            yield wrong(f"{label} of {slug}: {trial_words(probe.error.code, probe.model)}")
