"""The report: each number opens the very conversations it counts."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.admin.report_tables import HEAT_STEPS, Number, Row, Table
from conversations.models import (
    Conversation,
    Judgement,
    PromptVersion,
    Rating,
    RatingValue,
    Reply,
    ReplyStatus,
    Verdict,
    Widget,
)
from tests.admin_world import World, conversation_make

REPORT, LIST = "/admin/conversations/report/", "/admin/conversations/conversation/"
TABLES = ("total", "questions", "verdicts", "hours", "widgets", "languages", "versions")
OPENINGS = ("Where is my order?", "my order, where?", "怎么退货", "请问怎么退货", "=1+1 gift card")
STATUSES = (ReplyStatus.COMPLETE, ReplyStatus.STOPPED, ReplyStatus.FAILED, ReplyStatus.INTERRUPTED)
LOCALES = ("en", "en-gb", "zh-cn", "fr-ca", "")


@pytest.fixture
def busy(world: World) -> World:
    """A world with conversations of every kind, over forty days."""
    Conversation.objects.all().delete()
    second = Widget.objects.create(name="=Second", prompt_template=world.template)
    older = world.template.versions.get(number=1)
    now = timezone.now()
    for number in range(36):
        conversation = conversation_make(
            second if number % 3 == 0 else world.widget,
            opening=OPENINGS[number % 5],
            statuses=tuple(STATUSES[(number + turn) % 4] for turn in range(number % 3 + 1)),
        )
        at = now - timedelta(days=number * 1.1, hours=number * 5, minutes=7 * number)
        Conversation.objects.filter(pk=conversation.pk).update(
            created_at=at,
            active_at=at,
            locale=LOCALES[number % 5],
            prompt_version=older if number % 4 == 0 else conversation.prompt_version,
        )
        _judge(conversation, number, at)
    return world


def _judge(conversation: Conversation, number: int, at: datetime) -> None:
    conversation.messages.update(created_at=at)
    replies = Reply.objects.filter(message__conversation=conversation)
    for place, reply in enumerate(replies):
        if (number + place) % 2:
            value = RatingValue.DOWN if number % 3 else RatingValue.UP
            Rating.objects.create(reply=reply, value=value, rated_at=at)
        if (number + place) % 3 != 1:
            judgement = Judgement.values[number % 5]  # one of the six is never given
            Verdict.objects.create(reply=reply, attempt=1, judgement=judgement, judged_at=at)


def rows_of(client: Client, query: str) -> list[Conversation]:
    """Return all conversations that the list shows, page by page."""
    rows: list[Conversation] = []
    for page in range(1, 10):
        changelist = client.get(f"{LIST}?{query}&p={page}").context["cl"]
        rows += changelist.result_list
        if not changelist.has_next:
            break
    return rows


def numbers(context: object) -> Iterator[tuple[str, Number]]:
    """Yield every number of a page, with the words beside it."""
    for tile in context["tiles"]:  # type: ignore[index]
        figures = [(tile.title, tile.figure), *tile.parts]
        yield from ((words, one) for words, one in figures if isinstance(one, Number))
    for table in context["tables"]:  # type: ignore[index]
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if isinstance(cell, Number):
                    yield f"{table.slug} {row.name} {column}", cell


def values(row: Row) -> list[int]:
    """Return a line's numbers, without its shares."""
    return [cell.value for cell in row.cells if isinstance(cell, Number)]


def counted(words: str, rows: list[Conversation]) -> int:
    """Return what a number with these words beside it counts in conversations."""
    if words.endswith("Turns"):
        return sum((row.message_count + 1) // 2 for row in rows)
    replies = Reply.objects.filter(message__conversation__in=rows)
    if words.endswith("Failed answers"):
        return replies.filter(status__in=(ReplyStatus.FAILED, ReplyStatus.INTERRUPTED)).count()
    if words.endswith("Stopped answers"):
        return replies.filter(status=ReplyStatus.STOPPED).count()
    if words.startswith("verdicts") and words.endswith("Answers"):
        labels = {f"verdicts {kind.label} Answers": kind for kind in Judgement}
        return replies.filter(verdict__judgement=labels[words]).count()
    return len(rows)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
@pytest.mark.parametrize("days", [7, 30, 90])
def test_each_number_is_how_many_conversations_its_link_shows(
    busy: World, days: int, zone: str
) -> None:
    client = busy.client("support")
    context = client.get(f"{REPORT}?days={days}&zone={zone}").context
    seen = 0
    shown: dict[str, list[Conversation]] = {}
    for words, number in numbers(context):
        if not number.value and words.startswith("hours"):
            continue
        if number.query not in shown:
            shown[number.query] = rows_of(client, number.query)
        assert counted(words, shown[number.query]) == number.value, words
        seen += number.value > 0
    assert seen > 30


@pytest.mark.parametrize("name", ["widget", "language", "version"])
def test_it_is_narrowed_down_as_the_list_is(busy: World, name: str) -> None:
    client = busy.client("support")
    value = {
        "widget": str(busy.widget.pk),
        "language": "fr",
        "version": str(PromptVersion.objects.get(template=busy.template, number=1).pk),
    }[name]
    context = client.get(f"{REPORT}?{urlencode({'days': 90, name: value})}").context
    found = dict(numbers(context))
    assert 0 < found["Conversations"].value < 36
    assert f"{name}={value}" in found["Conversations"].query
    for words, number in found.items():
        if number.value and not words.startswith("hours"):
            assert counted(words, rows_of(client, number.query)) == number.value, words


def test_the_parts_add_up_to_the_whole(busy: World) -> None:
    context = busy.client("support").get(f"{REPORT}?days=90").context
    tables: dict[str, Table] = {table.slug: table for table in context["tables"]}
    for slug in ("widgets", "languages", "versions"):
        assert sum(values(row)[0] for row in tables[slug].rows) == 36
    hours = [value for row in tables["hours"].rows for value in values(row)]
    assert sum(hours) == 36
    cells = (cell for row in tables["hours"].rows for cell in row.cells)
    assert max(cell.heat for cell in cells if isinstance(cell, Number)) == HEAT_STEPS


def test_what_is_asked_most_is_put_together(busy: World) -> None:
    context = busy.client("support").get(f"{REPORT}?days=90").context
    questions = next(table for table in context["tables"] if table.slug == "questions")
    assert [row.cells[0].value for row in questions.rows] == [15, 14, 7]


def test_each_verdict_has_its_share_of_the_answers_that_were_judged(busy: World) -> None:
    client = busy.client("support")
    context = client.get(f"{REPORT}?days=90").context
    verdicts = next(table for table in context["tables"] if table.slug == "verdicts")
    found = {
        row.name: [getattr(cell, "value", cell) for cell in row.cells] for row in verdicts.rows
    }
    judged = Counter(Verdict.objects.values_list("judgement", flat=True))
    for kind in Judgement:
        replies, share, _conversations = found[kind.label]
        assert replies == judged[kind], kind
        assert share == f"{100 * judged[kind] / judged.total():.0f} %"
    assert found[Judgement.SHOULD_HAND_OVER.label] == [0, "0 %", 0]
    Verdict.objects.all().delete()
    html = client.get(f"{REPORT}?days=90").content.decode()
    assert "No answer of these conversations was judged." in html


def test_hours_are_those_of_the_readers_zone(busy: World) -> None:
    Conversation.objects.all().delete()
    one = conversation_make(busy.widget, opening="Now?")
    at = datetime(2026, 3, 1, 23, 50, tzinfo=UTC)  # a Sunday
    Conversation.objects.filter(pk=one.pk).update(created_at=at, active_at=at)
    days = "first=2026-03-01&last=2026-03-02"
    for zone, place in {"UTC": (6, 23), "Asia/Kathmandu": (0, 5)}.items():
        context = busy.client("support").get(f"{REPORT}?{days}&zone={zone}").context
        hours = next(table for table in context["tables"] if table.slug == "hours")
        found = [
            (weekday, hour)
            for weekday, row in enumerate(hours.rows)
            for hour, cell in enumerate(row.cells)
            if cell.value
        ]
        assert found == [place], zone


def test_the_number_of_queries_does_not_grow(busy: World) -> None:
    client, counts = busy.client("support"), set()
    for days in (7, 90, 90):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{REPORT}?days={days}")
        counts.add(len(queries))
    assert len(counts) == 1
    assert max(counts) <= 16


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("first=2026-03-02&last=2026-03-01", "The last day is before the first."),
        ("first=2020-01-01&last=2026-03-01", "At most 366 days."),
        ("first=yesterday", "Enter a valid date."),
        ("first=0001-01-01&last=0001-01-02", "Enter a valid date."),
        ("first=9999-12-30&last=9999-12-31", "Enter a valid date."),
        ("zone=Mars/Base", "Write a time zone as in Europe/Berlin."),
        ("zone=../../etc/passwd", "Write a time zone as in Europe/Berlin."),
        ("language=%27", "There is no such language."),
        ("widget=99999999999999999999", "Select a valid choice"),
        ("days=x", ""),
    ],
)
def test_what_cannot_be_is_said_and_the_report_is_shown_without_it(
    busy: World, query: str, fault: str
) -> None:
    response = busy.client("support").get(f"{REPORT}?{query}")
    assert response.status_code == 200
    assert fault in response.content.decode()
    assert dict(numbers(response.context))["Conversations"].value > 0


def test_days_without_conversations_say_so(busy: World) -> None:
    html = busy.client("support").get(f"{REPORT}?first=2020-01-01&last=2020-01-31").content
    assert "No conversations in these days" in html.decode()


@pytest.mark.parametrize("table", TABLES)
def test_each_table_is_a_file_with_the_same_numbers_in_which_nothing_acts(
    busy: World, table: str
) -> None:
    client = busy.client("support")
    response = client.get(f"{REPORT}{table}.csv?days=90")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"report-{table}-" in response.headers["Content-Disposition"]
    lines = list(csv.reader(StringIO(response.content.decode().removeprefix("\ufeff"))))
    shown = {each.slug: each for each in client.get(f"{REPORT}?days=90").context["tables"]}
    if table in shown:
        assert len(lines) == len(shown[table].rows) + 1
        for line, row in zip(lines[1:], shown[table].rows, strict=True):
            cells = [str(cell.value if isinstance(cell, Number) else cell) for cell in row.cells]
            assert line[1:] == cells
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "@"))]
    if table == "widgets":
        assert "'=Second" in [line[0] for line in lines]


def test_there_is_no_file_of_another_table(busy: World) -> None:
    assert busy.client("support").get(f"{REPORT}secrets.csv").status_code == 404
    assert busy.client("operator").get(f"{REPORT}questions.csv").status_code == 404
