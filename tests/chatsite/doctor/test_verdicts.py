"""The pure half of the doctor: what is measured goes in, a finding comes out."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import Error, Warning  # noqa: A004 - Django's name

from chatsite.doctor.finding import Finding, Grade
from chatsite.doctor.ground import disk_judge, processes_judge
from chatsite.doctor.outside import CLAIMED, Answer, Fault, Upgrade
from chatsite.doctor.providers import keys_judge, reach_judge, route_judge, secrets_judge
from chatsite.doctor.redis import redis_fault, redis_judge
from chatsite.doctor.settings import message_judge
from chatsite.doctor.staff import WidgetSetup, factor_judge, staff_judge, widget_judge
from chatsite.doctor.storage import clock_judge, database_fault, migrations_judge
from chatsite.doctor.way import answer_judge, proxy_judge, upgrade_judge
from gateway.checkup import ProviderKeys
from gateway.engine.errors import TransientError
from gateway.engine.reach import Reach
from gateway.sealed import SealedSecrets

FINE, DOUBTFUL, WRONG = Grade.FINE, Grade.DOUBTFUL, Grade.WRONG
SITE = "https://chat.example.com"
MIRROR = f"{SITE}/doctor/mirror"


def keys(**of: Any) -> ProviderKeys:
    return ProviderKeys(**{"provider": "openai", "serving": (), "resting": (), "waiting": ()} | of)


def grades(findings: Any) -> list[Grade]:
    return [finding.grade for finding in findings]


def test_a_system_check_is_told_in_one_line_with_its_remedy() -> None:
    error = Error("Two\n  lines.", hint="Do\nthis.", id="chatsite.E001")
    assert message_judge(error) == Finding(WRONG, "Two lines. (chatsite.E001)", "Do this.")
    assert message_judge(Warning("So.", id="x.W1")) == Finding(DOUBTFUL, "So. (x.W1)", "")


@pytest.mark.parametrize(
    ("pending", "newer", "grade", "words"),
    [
        ([], [], FINE, "as the code wants them"),
        (["gateway.0002_x"], [], WRONG, "behind the code: gateway.0002_x."),
        (["a.1", "b.2", "c.3"], ["d.4"], WRONG, "behind the code: a.1 and 2 more."),
        ([], ["gateway.0009_y"], DOUBTFUL, "newer version, which added gateway.0009_y"),
    ],
)
def test_tables_and_code_fit_each_other(
    pending: list[str], newer: list[str], grade: Grade, words: str
) -> None:
    finding = migrations_judge(pending, newer)
    assert finding.grade is grade
    assert words in finding.words


@pytest.mark.parametrize(
    ("ahead", "grade"),
    [(0.0, FINE), (0.9, FINE), (-0.9, FINE), (1.0, DOUBTFUL), (-3.9, DOUBTFUL), (4.0, WRONG)],
)
def test_clocks_may_differ_by_less_than_half_a_lease(ahead: float, grade: Grade) -> None:
    assert clock_judge(ahead, 8.0).grade is grade


def test_it_says_whose_clock_is_behind() -> None:
    assert "2.0 s ahead of this machine's" in clock_judge(2.0, 8.0).words
    assert "2.0 s behind this machine's" in clock_judge(-2.0, 8.0).words


def test_a_drivers_complaint_is_one_short_line() -> None:
    assert database_fault("refused\n  by host") == "The database cannot be used: refused by host."
    assert len(database_fault("x" * 900)) < 400
    at = 'connection to server at "::1", port 1 failed'
    said = (
        f"connection failed: {at}: Connection refused\n"
        "\tIs the server running on that host and accepting TCP/IP connections?"
    )
    assert database_fault(said) == f"The database cannot be used: {at}: Connection refused."


@pytest.mark.parametrize(
    ("free", "grade"), [(1024, FINE), (1023, DOUBTFUL), (100, DOUBTFUL), (99, WRONG)]
)
def test_a_disk_needs_room(free: int, grade: Grade) -> None:
    assert disk_judge(free, "the database").grade is grade


@pytest.mark.parametrize(
    ("info", "grade"),
    [
        ({"redis_version": "7.0.15", "maxmemory_policy": "noeviction"}, FINE),
        ({"redis_version": "6.2.0"}, FINE),
        ({"redis_version": "6.0.16"}, DOUBTFUL),
        ({"redis_version": "7.2.4", "maxmemory_policy": "allkeys-lru"}, DOUBTFUL),
        ({"redis_version": "7.2.4", "maxmemory_policy": "volatile-ttl"}, FINE),
        ({}, FINE),
    ],
)
def test_a_redis_is_new_enough_and_keeps_what_it_is_given(
    info: dict[str, Any], grade: Grade
) -> None:
    assert redis_judge(info).grade is grade


def test_a_redis_that_fails_tells_no_password() -> None:
    assert redis_fault(ConnectionError("redis://:hunter2@host")) == (
        "nobody can be reached at its address"
    )
    assert "hunter2" not in redis_fault(RuntimeError("hunter2"))
    assert redis_fault(TimeoutError()) == "no answer within 3 s"


@pytest.mark.parametrize(
    ("alive", "grade"), [(0, DOUBTFUL), (1, DOUBTFUL), (2, FINE), (3, DOUBTFUL)]
)
def test_as_many_processes_serve_as_were_meant_to(alive: int, grade: Grade) -> None:
    finding = processes_judge(alive, 2)
    assert finding.grade is grade
    assert (alive == 1) == finding.words.startswith("1 of 2 processes serves the site.")


def test_secrets_that_do_not_open_are_named() -> None:
    for count, words in ((0, "There is no secret"), (1, "1 secret opens"), (3, "3 secrets open")):
        finding = secrets_judge(SealedSecrets(count, ()))
        assert (finding.grade, finding.words.startswith(words)) == (FINE, True)
    shut = secrets_judge(SealedSecrets(3, ("key a of openai",)))
    assert (shut.grade, "1 of 3" in shut.words, "key a of openai" in shut.words) == (
        WRONG,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("route", "is_public", "grade"),
    [
        ([], True, WRONG),
        (["sandbox"], True, WRONG),
        (["sandbox"], False, FINE),
        (["openai", "sandbox"], True, FINE),
    ],
)
def test_somebody_real_answers_customers(
    route: list[str], *, is_public: bool, grade: Grade
) -> None:
    finding = route_judge(route, is_public=is_public, has_key=False)
    assert finding.grade is grade


def test_a_key_that_only_waits_for_the_site_to_start_is_not_asked_for_again() -> None:
    remedies = [route_judge([], is_public=True, has_key=has).remedy for has in (True, False)]
    assert [remedy.startswith("Start the site") for remedy in remedies] == [True, False]


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach(error=TransientError("refused")), [WRONG]),
        (Reach(error=None, clock=None), [FINE]),
        (Reach(error=None, clock=1000.0, at=1030.0), [FINE]),
        (Reach(error=None, clock=1000.0, at=1031.0), [FINE, DOUBTFUL]),
        (Reach(error=None, clock=1031.0, at=1000.0), [FINE, DOUBTFUL]),
    ],
)
def test_a_provider_is_reached_and_agrees_on_the_time(reach: Reach, expected: list[Grade]) -> None:
    assert grades(reach_judge("openai", reach)) == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (keys(serving=("a",)), [FINE]),
        (keys(), [WRONG]),
        (keys(resting=("a",)), [WRONG]),
        (keys(serving=("a",), resting=("b",)), [FINE, DOUBTFUL]),
        (keys(serving=("a",), waiting=(("b", "revoked"),)), [FINE, DOUBTFUL]),
        (keys(waiting=(("b", "revoked"),)), [WRONG, DOUBTFUL]),
    ],
)
def test_a_provider_needs_a_key_that_serves(of: ProviderKeys, expected: list[Grade]) -> None:
    assert grades(keys_judge(of)) == expected


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        (WidgetSetup("Shop", ["https://shop.example"], speaks=True), [FINE]),
        (WidgetSetup("Shop", [], speaks=True), [DOUBTFUL]),
        (WidgetSetup("Shop", ["https://shop.example"], speaks=False), [WRONG, FINE]),
        (WidgetSetup("Shop", ["https://shop.example/path"], speaks=True), [WRONG]),
    ],
)
def test_a_widget_speaks_and_may_be_seen_somewhere(
    setup: WidgetSetup, expected: list[Grade]
) -> None:
    assert grades(widget_judge(setup)) == expected


@pytest.mark.parametrize(
    ("staff", "superusers", "grade"), [(0, 0, DOUBTFUL), (2, 0, DOUBTFUL), (2, 1, FINE)]
)
def test_somebody_can_log_in_and_let_others_in(staff: int, superusers: int, grade: Grade) -> None:
    finding = staff_judge(staff, superusers)
    assert finding.grade is grade
    assert grade is not FINE or finding.words == "2 people can log in; 1 can add others."


@pytest.mark.parametrize(("bare", "grade"), [(0, FINE), (1, DOUBTFUL)])
def test_whoever_may_do_everything_had_better_have_a_second_factor(bare: int, grade: Grade) -> None:
    finding = factor_judge(bare, is_required=False)
    assert finding.grade is grade
    assert not bare or finding.words.startswith("1 person who may do everything logs in")


def test_a_second_factor_that_is_required_and_not_there_is_somebodys_next_step() -> None:
    finding = factor_judge(1, is_required=True)
    assert finding.grade is DOUBTFUL
    assert "1 has none yet, and sets one up at the next login" in finding.words
    assert "People, Second factor" not in finding.remedy
    assert factor_judge(0, is_required=True).grade is FINE


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(fault=Fault.NAME), "its name leads nowhere"),
        (Answer(fault=Fault.REFUSED), "nobody listens there"),
        (Answer(fault=Fault.TLS), "its certificate is not valid"),
        (Answer(fault=Fault.SILENT), "there is no answer"),
        (Answer(status=301, location=MIRROR), "leads to itself for ever"),
        (Answer(status=301, location="https://elsewhere.example/"), "is not this site (301)"),
        (Answer(status=502), "does not reach the site (502)"),
        (Answer(status=504), "does not reach the site (504)"),
        (Answer(status=400), "asked under another name"),
        (Answer(status=404), "is not this site (404)"),
        (Answer(status=200), "is not this site (200)"),
    ],
)
def test_each_way_not_to_reach_the_site_has_its_own_words(answer: Answer, words: str) -> None:
    finding = answer_judge(answer, MIRROR, SITE)
    assert finding is not None
    assert finding.grade is WRONG
    assert words in finding.words
    assert finding.remedy


def test_a_mirror_that_answers_is_the_site() -> None:
    assert answer_judge(Answer(status=200, seen={"is_trusted": True}), MIRROR, SITE) is None


def seen(address: str, *, is_trusted: bool = True, is_named: bool = True) -> dict[str, Any]:
    return {
        "address": address,
        "peer": "10.0.0.5",
        "is_trusted": is_trusted,
        "is_named": is_named,
    }


@pytest.mark.parametrize(
    ("what", "is_secure", "grade", "words"),
    [
        (seen("198.51.100.7"), True, FINE, "ours is 198.51.100.7"),
        (seen(CLAIMED), True, WRONG, "anybody can be anybody"),
        (seen("10.0.0.5", is_named=False), True, WRONG, "does not tell clients' addresses"),
        (seen("10.0.0.5", is_trusted=False, is_named=False), True, WRONG, "comes from 10.0.0.5"),
        (seen("10.0.0.5", is_trusted=False, is_named=False), False, FINE, "claims"),
    ],
)
def test_the_proxy_tells_who_clients_are_and_they_cannot(
    what: dict[str, Any], *, is_secure: bool, grade: Grade, words: str
) -> None:
    (finding,) = proxy_judge(what, is_secure=is_secure)
    assert finding.grade is grade
    assert words in finding.words


@pytest.mark.parametrize(
    ("upgrade", "grade", "words"),
    [
        (Upgrade(is_welcome=True, took_ms=7), FINE, "welcomed after 7 ms"),
        (Upgrade(status=403), WRONG, "refuses its own pages"),
        (Upgrade(status=404), WRONG, "answered with 404"),
        (Upgrade(), WRONG, "nothing comes through"),
    ],
)
def test_a_websocket_comes_through_or_it_is_said_how_far(
    upgrade: Upgrade, grade: Grade, words: str
) -> None:
    finding = upgrade_judge(upgrade)
    assert finding.grade is grade
    assert words in finding.words
