from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.engine.errors import NoKeyError, RegionForbiddenError
from gateway.engine.routes import is_forbidden, route_allowed
from gateway.engine.types import Target
from tests.gateway.engine.conftest import GatewayFactory, ScriptedFactory
from tests.gateway.engine.upstreams import ask, good_whole, provider

EU, US, ANYWHERE, GONE = (Target(name, "m") for name in ("eu", "us", "anywhere", "gone"))
REGIONS = {"eu": "eu", "us": "us", "anywhere": ""}


def test_without_a_rule_every_known_provider_may_be_asked() -> None:
    assert route_allowed((US, GONE, ANYWHERE, EU), REGIONS, ()) == [US, ANYWHERE, EU]


def test_a_forbidden_and_an_unknown_region_are_left_out() -> None:
    assert route_allowed((US, ANYWHERE, EU), REGIONS, {"us"}) == [EU]


def test_a_route_of_forbidden_providers_alone_says_so() -> None:
    with pytest.raises(RegionForbiddenError) as raised:
        route_allowed((US, US, ANYWHERE, GONE), REGIONS, {"us"})
    assert raised.value.detail == "nothing may be sent to the region of us, anywhere"
    assert not raised.value.retryable


def test_a_route_that_nobody_knows_is_another_matter() -> None:
    with pytest.raises(NoKeyError):
        route_allowed((GONE,), REGIONS, {"us"})


CODES = st.sampled_from(["", "eu", "us", "cn"])


@given(st.lists(CODES, max_size=6), st.sets(CODES.filter(bool)))
def test_no_target_of_a_forbidden_or_unknown_region_is_ever_chosen(
    regions: list[str], forbidden: set[str]
) -> None:
    known = {str(place): region for place, region in enumerate(regions)}
    route = [Target(name, "m") for name in known]
    try:
        allowed = route_allowed(route, known, forbidden)
    except (NoKeyError, RegionForbiddenError):
        allowed = []
    assert allowed == [
        target for target in route if not is_forbidden(known[target.provider], forbidden)
    ]
    assert all(known[target.provider] not in {*forbidden, ""} for target in allowed if forbidden)


async def test_a_forbidden_provider_hears_nothing_though_the_allowed_one_is_down(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(provider(server.url, region="us"))
    with pytest.raises(RegionForbiddenError):
        await gateway.complete(ask(forbidden_regions=frozenset({"us"})))
    assert server.received == []
    await gateway.complete(ask(forbidden_regions=frozenset({"cn"})))
    assert len(server.received) == 1


async def test_a_provider_that_is_said_to_be_elsewhere_is_forbidden_from_then_on(
    scripted: ScriptedFactory, gateway_of: GatewayFactory
) -> None:
    server = await scripted(good_whole)
    gateway = gateway_of(provider(server.url, region="eu"))
    request = ask(forbidden_regions=frozenset({"us"}))
    await gateway.complete(request)
    await gateway.reconfigure([provider(server.url, region="us")], {})
    with pytest.raises(RegionForbiddenError):
        await gateway.complete(request)
    assert len(server.received) == 1
