"""Limits, budgets and prices are set by operators, by name, and twice about the same is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.models import Budget, Limit, Price
from tests.admin_world import World

LIMIT, BUDGET, PRICE = (f"/admin/gateway/{name}/" for name in ("limit", "budget", "price"))


def post(world: World, path: str, **data: str) -> Any:
    return world.client("operator").post(path, data)


def text(response: Any) -> str:
    return str(response.content.decode())


def limit(world: World, applies_to: str, **bounds: str) -> Any:
    return post(world, f"{LIMIT}add/", applies_to=applies_to, **bounds)


def test_whom_a_limit_is_about_is_chosen_by_name(world: World) -> None:
    page = text(world.client("operator").get(f"{LIMIT}add/"))
    assert f'<option value="widget:{world.widget.pk}">Harbour &amp; Pine</option>' in page
    assert '<option value="model:sandbox/sandbox-1">sandbox / sandbox-1</option>' in page
    assert f'<option value="key:{world.key.pk}">first (Sandbox)</option>' in page


def test_a_limit_is_added_changed_and_taken_away(world: World) -> None:
    assert limit(world, "key:", concurrency="3").status_code == 302
    row = Limit.objects.get(kind="key")
    assert (row.subject, row.concurrency, row.requests_per_minute) == ("", 3, None)
    changed = post(world, f"{LIMIT}{row.pk}/change/", applies_to="key:", concurrency="9")
    assert changed.status_code == 302
    assert Limit.objects.get(kind="key").concurrency == 9
    assert post(world, f"{LIMIT}{row.pk}/delete/", post="yes").status_code == 302
    assert not Limit.objects.filter(kind="key").exists()


def test_the_table_says_whom_and_how_much(world: World) -> None:
    limit(world, f"widget:{world.widget.pk}", tokens_per_minute="90000")
    page = text(world.client("operator").get(LIMIT))
    assert "each customer by themselves" in page
    assert "widget: Harbour &amp; Pine" in page
    assert "90,000" in page


@pytest.mark.parametrize(
    ("applies_to", "bounds", "complaint"),
    [
        ("customer:", {"concurrency": "1"}, "There is one for this already"),
        ("widget:", {"burst": "5"}, "Fill in requests, tokens, or answers at a time."),
        ("widget:999", {"concurrency": "1"}, "Select a valid choice"),
        ("widget:", {"concurrency": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(
    world: World, applies_to: str, bounds: dict[str, str], complaint: str
) -> None:
    assert complaint in text(limit(world, applies_to, **bounds))
    assert Limit.objects.count() == 1


def test_a_limit_whose_widget_is_gone_still_opens(world: World) -> None:
    row = Limit.objects.create(kind="widget", subject="999", concurrency=1)
    page = text(world.client("operator").get(f"{LIMIT}{row.pk}/change/"))
    assert '<option value="widget:999" selected>999</option>' in page


def test_a_budget_needs_a_bound(world: World) -> None:
    said = text(post(world, f"{BUDGET}add/", applies_to="customer:", currency="USD"))
    assert "Fill in tokens, money, or both." in said
    added = post(
        world, f"{BUDGET}add/", applies_to="customer:", currency="EUR", money="1.5", tokens=""
    )
    assert added.status_code == 302
    row = Budget.objects.get(kind="customer")
    assert (row.money, row.tokens, row.currency) == (Decimal("1.5"), None, "EUR")
    assert "1.50 EUR" in text(world.client("operator").get(BUDGET))


def test_a_price_is_saved_and_a_wrong_one_is_refused(world: World) -> None:
    fields = {
        "provider": str(world.provider.pk),
        "model": "m-2",
        "currency": "USD",
        "prompt_per_million": "2",
        "completion_per_million": "8",
        "valid_from": "2026-11-01",
    }
    refused = post(world, f"{PRICE}add/", **(fields | {"currency": "usd"}))
    assert "Three capital letters" in text(refused)
    assert post(world, f"{PRICE}add/", **fields).status_code == 302
    assert Price.objects.get(model="m-2").completion_per_million == 8
