from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from chatsite.demo.seed import ACCOUNTS, INSTRUCTIONS, SHOP, seed
from conversations.models import PromptTemplate, Widget
from gateway.sandbox.answers import Turn, answer
from gateway.sandbox.faq import Passage, passages

FAQ = INSTRUCTIONS.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_first_seed_opens_a_shop() -> None:
    passwords = seed()
    widget = Widget.objects.get()
    assert widget.prompt_template.live is not None
    assert (widget.name, widget.prompt_template.live.number) == (SHOP, 1)
    assert list(passwords) == ["support", "editor", "operator"]
    widget.full_clean()


@pytest.mark.django_db
def test_each_account_works_in_its_role_alone() -> None:
    for name, password in seed().items():
        user = get_user_model().objects.get(username=name)
        assert user.check_password(password)
        assert user.is_staff
        assert not user.is_superuser
        assert [group.name for group in user.groups.all()] == [ACCOUNTS[name]]


@pytest.mark.django_db
def test_passwords_are_told_once_and_differ() -> None:
    passwords = seed()
    assert len(set(passwords.values())) == 3
    assert seed() == {}


@pytest.mark.django_db
def test_another_seed_keeps_what_people_have_changed() -> None:
    seed()
    Widget.objects.update(name="Ours", greeting="Ahoy")
    get_user_model().objects.filter(username="editor").delete()
    assert list(seed()) == ["editor"]
    assert Widget.objects.get().greeting == "Ahoy"
    assert PromptTemplate.objects.get().versions.count() == 1


QUESTIONS = [known for known in passages(FAQ) if known.topic.endswith(("?", "？"))]


def test_the_shop_answers_in_two_languages() -> None:
    assert sum(known.topic.endswith("?") for known in QUESTIONS) >= 20
    assert sum(known.topic.endswith("？") for known in QUESTIONS) >= 15


@pytest.mark.parametrize("known", QUESTIONS, ids=lambda known: known.topic[:40])
def test_the_sandbox_knows_the_answer(known: Passage) -> None:
    assert known.text in answer([Turn("system", FAQ), Turn("user", known.topic)])
