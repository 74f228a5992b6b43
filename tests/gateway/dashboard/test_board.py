"""The page says what the figures, the keys and the processes say, and never a secret."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from gateway.admin_parts import cells
from gateway.dashboard.board import SPANS, Board, board_read
from gateway.dashboard.labels import link_of, names_of
from gateway.figures.tally import Facet
from gateway.models import Call, Process
from gateway.models.figure import Period
from gateway.services import key_add, provider_create
from gateway.stores.ledger import ledger_write
from tests.admin_gateway import SECRET
from tests.admin_world import world_make
from tests.gateway.figures.records import attempt, failure, record

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(second=30)
START = NOW.timestamp() - 100


def board(span: str = "1h") -> Board:
    return board_read(SPANS[span], NOW, AnonymousUser())


def tiles(found: Board) -> dict[str, str]:
    return {tile.title: tile.figure for tile in found.tiles}


def test_on_the_first_day_it_says_what_to_expect() -> None:
    found = board()
    assert found.is_empty
    assert all(panel.is_empty for panel in found.panels)
    assert tiles(found)["Succeeded"] == "—"


@pytest.mark.parametrize("span", SPANS)
def test_every_range_sees_a_call_of_a_minute_ago(span: str) -> None:
    ledger_write([record(started_at=START)], [])
    found = board(span)
    assert not found.is_empty
    assert tiles(found)["Succeeded"] == "100 %"
    [calls] = [panel for panel in found.panels if panel.slug == "calls"]
    assert not calls.is_empty


def test_the_ranges_are_cut_into_steps_that_a_screen_can_show() -> None:
    for span in SPANS.values():
        assert 12 <= span.length / span.step <= 120
        assert span.step.total_seconds() % Period.MINUTE == 0


def test_what_went_wrong_is_told_by_class_and_without_words() -> None:
    calls = [
        failure(attempt(error="overloaded"), code="overloaded", started_at=START, status=503),
        failure(attempt(error="overloaded"), code="overloaded", started_at=START + 1, status=529),
        record(attempt(error="throttled"), attempt("b"), started_at=START),
    ]
    ledger_write(calls, [])
    found = board()
    assert [(share.name, share.count, share.words) for share in found.errors] == [
        ("overloaded", 2, "100 %")
    ]
    assert [(share.name, share.count) for share in found.troubles] == [
        ("overloaded", 2),
        ("throttled", 1),
    ]
    newest, oldest = found.failures
    assert (newest.status, newest.code, newest.attempts) == ("529", "overloaded", 1)
    assert oldest.at < newest.at
    assert [tile.tone for tile in found.tiles if tile.title == "Succeeded"] == [cells.BAD]


def test_a_failure_leads_to_its_conversation_for_those_who_may_read_it() -> None:
    world = world_make()
    conversation = str(world.conversation.pk)
    place = f"/admin/conversations/conversation/{conversation}/change/"
    assert link_of("conversation", conversation, world.people["owner"]) == place
    assert link_of("conversation", conversation, world.people["nobody"]) == ""
    assert link_of("conversation", "", world.people["owner"]) == ""
    assert link_of("customer", "c", world.people["owner"]) == ""


def test_processes_are_added_up() -> None:
    for name, age in (("p", 1), ("q", 2), ("dead", 60)):
        counts = {"streams": {"ours/a": 2, "ours/b": 1}, "sockets": 40}
        Process.objects.create(id=name, beat_at=NOW - timedelta(seconds=age), counts=counts)
    found = tiles(board())
    assert (found["Answers being given now"], found["Chats open now"]) == ("6", "80")


def test_a_provider_and_its_keys_are_there_even_if_they_did_nothing() -> None:
    provider = provider_create(slug="ours", name="Ours", base_url="https://ours.example/v1")
    key_add(provider=provider, label="a", secret=SECRET)
    key_add(provider=provider, label="idle", secret="sk-2")
    ledger_write([record(attempt("a"), started_at=START)], [])
    rows = board().providers
    assert [(row.name, row.is_key, row.calls) for row in rows] == [
        ("Ours", False, "1"),
        ("a", True, "1"),
        ("idle", True, "0"),
    ]
    assert "Active" in rows[1].state


def test_widgets_and_versions_are_told_by_name_the_busiest_first() -> None:
    world = world_make()
    widget, version = str(world.widget.pk), str(world.template.live_id)
    labels = {"widget": widget, "prompt_version": version}
    calls = [record(started_at=START, labels=labels) for _ in range(3)]
    ledger_write([*calls, record(started_at=START, labels={"widget": "gone"})], [])
    tables = {slug: rows for slug, _, rows in board().tables}
    assert [(row.name, row.calls) for row in tables["widgets"]] == [
        ("Harbour & Pine", "3"),
        ("gone", "1"),
    ]
    [version_row] = tables["versions"]
    assert "Shop" in version_row.name
    assert names_of(Facet.VERSION, ["not-a-number"]) == {"not-a-number": "not-a-number"}


def test_what_is_spent_of_a_budget_is_told() -> None:
    world = world_make()
    Call.objects.create(
        outcome="succeeded",
        widget=str(world.widget.pk),
        spent_cost=Decimal("1.25"),
        currency="USD",
        started_at=NOW,
    )
    Call.objects.create(
        outcome="succeeded",
        widget=str(world.widget.pk),
        spent_cost=Decimal(9),
        currency="EUR",
        started_at=NOW,
    )
    [budget] = board().budgets
    assert budget.name == "Harbour & Pine"
    assert "1.25 / 5.00 USD" in budget.meter


def test_costs_have_a_chart_for_each_currency() -> None:
    ledger_write([record(started_at=START), record(started_at=START, currency="EUR")], [])
    panels = board().panels[-2:]
    assert [panel.slug for panel in panels] == ["cost-eur", "cost-usd"]
    assert [panel.legends[0].value for panel in panels] == ["0.50", "0.50"]  # of today


def test_each_chart_has_its_numbers_in_a_table_the_newest_first() -> None:
    ledger_write([record(started_at=START, total_seconds=0.4)], [])
    for panel in board("15m").panels[:-1]:
        assert len(panel.rows) == 16
        assert all(len(values) == len(panel.legends) for _, values in panel.rows)
    [times] = [panel for panel in board("15m").panels if panel.slug == "times"]
    told = [values[0] for _, values in times.rows if values[0] != cells.UNKNOWN]
    assert told == ["386 ms"]  # within 5 % of 400


def test_more_calls_cost_no_more_questions(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    calls = [
        record(attempt(str(n)), started_at=START, labels={"widget": str(uuid.uuid4())})
        for n in range(30)
    ]
    ledger_write(calls, [])
    with django_assert_max_num_queries(12):
        board()
