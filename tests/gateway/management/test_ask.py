from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = "Q: How long does shipping take?\nA: Two to four days."


def ask(*words: str) -> tuple[str, str, str]:
    """Return what was answered, what was told beside it, and the complaint at the end."""
    out, told, complaint = StringIO(), StringIO(), ""
    try:
        call_command("ask", *words, stdout=out, stderr=told)
    except CommandError as fault:
        complaint = str(fault)
    return out.getvalue(), told.getvalue(), complaint


@pytest.mark.usefixtures("provider")
def test_it_shows_the_answer_and_how_it_came_about() -> None:
    answer, told, complaint = ask("how long is delivery?", "--system", SYSTEM)
    assert answer == "Happy to help!\n\nTwo to four days.\n"
    assert "sandbox/sandbox-1 with key sandbox, after " in told
    assert "attempt 1: sandbox/sandbox-1, key sandbox, waited " in told
    assert "answered (200)" in told
    assert "cost unknown" in told
    assert complaint == ""


@pytest.mark.usefixtures("provider")
def test_it_shows_why_no_answer_came() -> None:
    answer, told, complaint = ask("/fault 404")
    assert answer.strip() == ""
    assert "model_missing (404)" in told
    assert complaint.startswith("model_missing: ")


@pytest.mark.usefixtures("provider")
def test_it_asks_where_it_is_told_to() -> None:
    assert ask("hi", "--to", "nobody/gpt")[2].startswith("no_key: ")
    assert "--to takes" in ask("hi", "--to", "nobody")[2]


def test_without_a_provider_it_says_what_to_do() -> None:
    assert "There is no provider yet" in ask("hi")[2]
