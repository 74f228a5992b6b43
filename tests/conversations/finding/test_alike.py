"""First messages are put together by their words; what holds for every set of them."""

from __future__ import annotations

import random
import time

import pytest

from conversations.finding.alike import ENOUGH, group_with, groups_of, question_terms

WORDS = [
    "order",
    "refund",
    "late",
    "parcel",
    "shoes",
    "red",
    "blue",
    "return",
    "card",
    "gift",
    "opens",
    "closed",
    "退货",
    "发货",
    "订单",
]


def questions(seed: int, count: int = 200) -> list[tuple[int, str]]:
    rng = random.Random(seed)
    return [(key, " ".join(rng.sample(WORDS, rng.randint(1, 4)))) for key in range(count)]


@pytest.mark.parametrize("seed", range(8))
def test_each_question_is_in_one_group_and_resembles_its_first(seed: int) -> None:
    given = questions(seed)
    groups = groups_of(given)
    assert sorted(key for group in groups for key in group.keys) == [key for key, _ in given]
    assert [len(group.keys) for group in groups] == sorted(
        (len(group.keys) for group in groups), reverse=True
    )
    texts = dict(given)
    for group in groups:
        first = question_terms(group.question)
        assert texts[group.keys[0]] == group.question
        for key in group.keys:
            terms = question_terms(texts[key])
            assert 2 * len(terms & first) / (len(terms) + len(first)) >= ENOUGH


@pytest.mark.parametrize("seed", range(8))
def test_the_same_questions_give_the_same_groups(seed: int) -> None:
    assert groups_of(questions(seed)) == groups_of(questions(seed))


@pytest.mark.parametrize("seed", range(8))
def test_the_same_words_are_in_one_group_in_any_order_and_in_capitals(seed: int) -> None:
    given = questions(seed, 50)
    again = [(key + 1000, " ".join(reversed(text.upper().split()))) for key, text in given]
    groups = groups_of([*given, *again])
    for key, text in given:
        if " " not in text or text.isascii():  # Chinese words side by side make other pairs
            group = group_with(groups, key)
            assert group is not None
            assert key + 1000 in group.keys


def test_questions_without_a_common_word_are_apart() -> None:
    assert len(groups_of([(1, "red shoes"), (2, "gift cards"), (3, "我要退货")])) == 3


def test_chinese_questions_are_put_together_by_pairs() -> None:
    asked = [(1, "怎么退货"), (2, "请问怎么退货？"), (3, "我的退货"), (4, "什么时候发货")]
    sizes = [len(group.keys) for group in groups_of(asked)]
    assert sizes == [3, 1]


def test_empty_words_alone_make_no_group_larger() -> None:
    groups = groups_of([(1, "What is the price?"), (2, "What is the weather?"), (3, "Hello")])
    assert [len(group.keys) for group in groups] == [1, 1, 1]


def test_what_holds_no_word_is_left_out() -> None:
    assert groups_of([(1, "?!"), (2, ""), (3, "🎉")]) == []
    assert group_with(groups_of([(1, "?!")]), 1) is None


def test_a_thousand_questions_that_all_differ_take_a_moment() -> None:
    rng = random.Random(1)
    names = [f"w{number}" for number in range(60)]
    given = [(key, " ".join(rng.sample(names, 20))) for key in range(1000)]
    began = time.process_time()
    groups_of(given)
    assert time.process_time() - began < 5
