"""Where a call may go: the route's targets whose providers are known and not forbidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gateway.engine.errors import NoKeyError, RegionForbiddenError
from gateway.engine.types import Target


def route_allowed(
    route: Sequence[Target], regions: Mapping[str, str], forbidden: Collection[str]
) -> list[Target]:
    """Return the targets that may be tried, in the route's order; never none.

    Args:
        route: Whom the call would like to ask.
        regions: Each provider's region by its name; empty is unknown.
        forbidden: Regions where nothing may be sent.

    Raises:
        NoKeyError: No provider of the route is known.
        RegionForbiddenError: Those that are known are all forbidden.
    """
    known = [target for target in route if target.provider in regions]
    if not known:
        raise NoKeyError("no provider of the route is known")
    allowed = [target for target in known if not is_forbidden(regions[target.provider], forbidden)]
    if not allowed:
        names = ", ".join(dict.fromkeys(target.provider for target in known))
        raise RegionForbiddenError(f"nothing may be sent to the region of {names}")
    return allowed


def is_forbidden(region: str, forbidden: Collection[str]) -> bool:
    """Return whether nothing may be sent to a region.

    A provider of unknown region could be anywhere: whoever forbids anything forbids it, too.
    """
    return bool(forbidden) and (not region or region in forbidden)
