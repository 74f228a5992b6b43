"""Whom a limit or a budget may be about, by the names that people know them by.

The gateway knows its own providers, keys and models. What other floors know (widgets, and the
models that prompts name) they register here, so that nobody has to type an id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.models import ApiKey, Price, Provider
from gateway.models.allowance import Scope
from gateway.models.provider import KeyState
from gateway.selectors import default_route

Subjects = Mapping[str, str]

_read: dict[Scope, Callable[[], Subjects]] = {}


def subjects_register(kind: str, read: Callable[[], Subjects]) -> None:
    """Have a kind's subjects offered to operators.

    Args:
        kind: A value of ``Scope``; a later registration takes its place.
        read: Returns the subjects' words by what the gateway knows them by.
    """
    _read[Scope(kind)] = read


def subjects(kind: Scope) -> dict[str, str]:
    """Return the words for each subject of a kind, by what the gateway knows it by."""
    own = _OWN[kind]() if kind in _OWN else {}
    more = _read[kind]() if kind in _read else {}
    return {**own, **more}


def _providers() -> Subjects:
    return {row.slug: row.name for row in Provider.objects.all()}


def _keys() -> Subjects:
    keys = ApiKey.objects.exclude(state=KeyState.RETIRED).select_related("provider")
    return {str(row.pk): f"{row.label} ({row.provider.name})" for row in keys}


def _models() -> Subjects:
    priced = Price.objects.values_list("provider__slug", "model").distinct()
    targets: Iterable[tuple[str, str]] = (
        *priced,
        *((target.provider, target.model) for target in default_route()),
    )
    return {f"{slug}/{model}": f"{slug} / {model}" for slug, model in targets}


_OWN: dict[Scope, Callable[[], Subjects]] = {
    Scope.PROVIDER: _providers,
    Scope.KEY: _keys,
    Scope.MODEL: _models,
}
