"""What results say of a prompt, how old they are, and what publishing asks of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from conversations.case_errors import RedCaseError
from conversations.models import (
    PromptCase,
    PromptCaseResult,
    PromptCaseRun,
    PromptMove,
    PromptTemplate,
    PromptVersion,
    Side,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.proof import (
    Standing,
    case_digest,
    content_digest,
    proof_read,
    reason_compose,
)
from conversations.prompts.schedules import Hours, schedule_create, schedules_run
from conversations.prompts.services import draft_save, version_publish
from conversations.prompts.splits import split_begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def template() -> PromptTemplate:
    return PromptTemplate.objects.create(name="Shop")


@pytest.fixture
def draft(template: PromptTemplate) -> PromptVersion:
    return draft_save(template=template, content=PromptContent(instructions="a"), seen=None)


@pytest.fixture
def case(template: PromptTemplate) -> PromptCase:
    return PromptCase.objects.create(
        template=template,
        name="Hours",
        turns=[{"author": "customer", "text": "?"}],
        checks=[{"kind": "refuses", "text": ""}],
    )


def result(case: PromptCase, draft: PromptVersion, *, passed: bool, side: str = Side.DRAFT) -> None:
    run = PromptCaseRun.objects.create(
        template=case.template,
        draft_digest=content_digest(PromptContent.of(draft)),
        state="finished",
    )
    PromptCaseResult.objects.create(
        run=run, case=case, side=side, is_passed=passed, case_digest=case_digest(case)
    )


def standing(draft: PromptVersion) -> tuple[Standing, bool]:
    [one] = proof_read(draft.template, PromptContent.of(draft)).cases
    return one.standing, one.is_stale


def test_the_newest_result_counts(case: PromptCase, draft: PromptVersion) -> None:
    assert standing(draft) == (Standing.UNTESTED, False)
    result(case, draft, passed=False)
    assert standing(draft) == (Standing.FAILED, False)
    result(case, draft, passed=True)
    assert standing(draft) == (Standing.PASSED, False)
    result(case, draft, passed=False, side=Side.LIVE)  # what is live fails, not this
    assert standing(draft) == (Standing.PASSED, False)


def test_a_result_grows_stale_with_the_words_and_with_the_case(
    case: PromptCase, draft: PromptVersion
) -> None:
    result(case, draft, passed=False)
    PromptVersion.objects.filter(pk=draft.pk).update(instructions="b")
    draft.refresh_from_db()
    assert standing(draft) == (Standing.FAILED, True)
    PromptVersion.objects.filter(pk=draft.pk).update(instructions="a")
    draft.refresh_from_db()
    assert standing(draft) == (Standing.FAILED, False)
    case.checks = [{"kind": "contains", "text": "x"}]
    case.save()
    assert standing(draft) == (Standing.FAILED, True)


def test_what_is_not_active_proves_nothing(case: PromptCase, draft: PromptVersion) -> None:
    result(case, draft, passed=False)
    PromptCase.objects.update(is_active=False)
    assert proof_read(draft.template, PromptContent.of(draft)).cases == ()


def test_a_red_case_wants_a_reason_and_the_reason_is_logged(
    case: PromptCase, draft: PromptVersion
) -> None:
    result(case, draft, passed=False)
    with pytest.raises(RedCaseError) as refusal:
        version_publish(draft=draft, note="Sale")
    assert refusal.value.names == ("Hours",)
    with pytest.raises(RedCaseError):
        version_publish(draft=draft, despite="  ")
    assert not PromptMove.objects.exists()
    version_publish(draft=draft, note="Sale", despite="The case is out of date.")
    move = PromptMove.objects.get()
    assert move.reason == "Sale · Despite failing test cases: The case is out of date."
    assert move.moved_to.note == "Sale"


def test_scheduling_a_red_prompt_wants_a_reason_and_its_moves_log_it(
    case: PromptCase, draft: PromptVersion
) -> None:
    now = timezone.now()
    hours = Hours(now + timedelta(hours=1))
    result(case, draft, passed=False)
    with pytest.raises(RedCaseError):
        schedule_create(version=draft, hours=hours, note="Sale", now=now)
    draft.refresh_from_db()
    assert draft.is_draft
    schedule_create(version=draft, hours=hours, note="Sale", despite="Old case.", now=now)
    schedules_run(now + timedelta(hours=2))
    assert PromptMove.objects.get().reason == "Sale · Despite failing test cases: Old case."


def test_testing_a_red_prompt_on_customers_wants_a_reason(
    case: PromptCase, draft: PromptVersion
) -> None:
    live = version_publish(draft=draft)
    other = draft_save(
        template=live.template, content=PromptContent(instructions="b"), seen=live.changed_at
    )
    result(case, other, passed=False)
    with pytest.raises(RedCaseError):
        split_begin(challenger=other)
    split = split_begin(challenger=other, note="Shorter", despite="Old case.")
    assert split.note == "Shorter · Despite failing test cases: Old case."


def test_what_customers_have_met_needs_no_excuse_to_come_back(
    case: PromptCase, draft: PromptVersion
) -> None:
    first = version_publish(draft=draft)
    other = draft_save(
        template=first.template, content=PromptContent(instructions="b"), seen=first.changed_at
    )
    version_publish(draft=other)
    result(case, first, passed=False)
    now = timezone.now()
    assert schedule_create(version=first, hours=Hours(now + timedelta(hours=1)), now=now).note == ""


def test_changing_a_letter_does_not_wash_a_red_case(case: PromptCase, draft: PromptVersion) -> None:
    result(case, draft, passed=False)
    changed = draft_save(
        template=draft.template, content=PromptContent(instructions="b"), seen=draft.changed_at
    )
    with pytest.raises(RedCaseError):
        version_publish(draft=changed)


def test_green_untested_and_absent_cases_ask_for_nothing(
    case: PromptCase, draft: PromptVersion
) -> None:
    result(case, draft, passed=True)
    PromptCase.objects.create(template=case.template, name="New", turns=[], checks=[])
    assert proof_read(draft.template, PromptContent.of(draft)).untested == 1
    version_publish(draft=draft, note="Fine")
    assert PromptMove.objects.get().reason == "Fine"


@given(note=st.text(max_size=300), despite=st.text(min_size=1, max_size=150).filter(str.strip))
def test_the_log_keeps_the_whole_excuse_within_its_column(note: str, despite: str) -> None:
    reason = reason_compose(note, despite)
    assert len(reason) <= 300
    assert reason.endswith(despite.strip())


@given(st.text(max_size=20), st.text(max_size=20))
def test_equal_bodies_have_equal_names_and_others_do_not(one: str, other: str) -> None:
    digests = [content_digest(PromptContent(instructions=text)) for text in (one, other)]
    assert (digests[0] == digests[1]) == (one == other)
