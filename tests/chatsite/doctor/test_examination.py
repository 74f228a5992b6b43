from __future__ import annotations

from collections.abc import Iterator

from chatsite.doctor import Check, Finding, Grade, examine
from chatsite.doctor.finding import doubtful, fine, wrong


def yields(*findings: Finding) -> Check:
    return Check("first", lambda: findings)


def after(*findings: Finding) -> Check:
    return Check("second", lambda: findings, ("first",))


def grades(*checks: Check, skip: tuple[str, ...] = ()) -> list[tuple[str, Grade]]:
    return [(name, finding.grade) for name, finding in examine(checks, skip=skip)]


def test_everything_is_looked_at_in_order() -> None:
    found = examine([yields(fine("a"), doubtful("b")), after(wrong("c", "d"))])
    assert list(found) == [
        ("first", Finding(Grade.FINE, "a")),
        ("first", Finding(Grade.DOUBTFUL, "b")),
        ("second", Finding(Grade.WRONG, "c", "d")),
    ]


def test_what_stands_on_something_wrong_is_not_looked_at() -> None:
    third = Check("third", lambda: [fine("")], ("second",))
    assert grades(yields(wrong("a"), fine("b")), after(fine("c")), third) == [
        ("first", Grade.WRONG),
        ("first", Grade.FINE),
        ("second", Grade.SKIPPED),
        ("third", Grade.SKIPPED),
    ]


def test_what_is_only_doubtful_carries_the_rest() -> None:
    assert grades(yields(doubtful("a")), after(fine("b")))[1] == ("second", Grade.FINE)


def test_what_shall_be_left_out_is_and_keeps_nothing_up() -> None:
    assert grades(yields(wrong("a")), after(fine("b")), skip=("first",)) == [("second", Grade.FINE)]


def test_a_check_that_breaks_off_is_a_finding_that_tells_no_secret() -> None:
    def break_off() -> Iterator[Finding]:
        yield fine("so far")
        raise RuntimeError("password=hunter2")

    found = list(examine([Check("first", break_off), after(fine("b"))]))
    assert [finding.grade for _, finding in found] == [Grade.FINE, Grade.WRONG, Grade.SKIPPED]
    assert found[1][1].words == "This could not be looked at (RuntimeError)."
