from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.faq import Passage, passages, persona


@pytest.mark.parametrize(
    "prompt",
    [
        "Q: Do you ship abroad?\nA: Yes, to 30 countries.",
        "- **Q1:** Do you ship abroad?\n- **A1:** Yes, to 30 countries.",
        "Q: Do you ship abroad? A: Yes, to 30 countries.",
        "Do you ship abroad?\nYes, to 30 countries.",
        "**Do you ship abroad?** Yes, to 30 countries.",
        "- Do you ship abroad? Yes, to 30 countries.",
        "### Do you ship abroad?\n\nYes, to 30 countries.",
        "## FAQ\n\nQ: Do you ship abroad?\n\nA: Yes, to 30 countries.\n\nAnswer briefly.",
    ],
)
def test_a_question_is_understood_in_every_shape_editors_write(prompt: str) -> None:
    assert passages(prompt) == (Passage("Do you ship abroad?", "Yes, to 30 countries."),)


def test_one_question_asked_in_two_ways_is_one_question() -> None:
    prompt = "Q: How do I return it? What is your policy?\nA: Within 30 days."
    topic = "How do I return it? What is your policy?"
    assert passages(prompt) == (Passage(topic, "Within 30 days."),)


def test_chinese_questions_and_answers_are_understood() -> None:
    prompt = "问：怎么退货？\n答：30 天内可以退货。\n\n问题：有保修吗？\n答案：保修两年。"
    assert passages(prompt) == (
        Passage("怎么退货？", "30 天内可以退货。"),
        Passage("有保修吗？", "保修两年。"),
    )


def test_a_question_asked_in_two_ways_waits_for_its_answer() -> None:
    prompt = "Q: How do I return it? What is your policy?\nA: Within 30 days:\n- Post it."
    assert passages(prompt) == (
        Passage("How do I return it? What is your policy?", "Within 30 days:\n- Post it."),
    )


def test_an_answer_on_the_same_line_may_end_with_a_question() -> None:
    assert passages("Q: Do you wrap gifts? Yes. Shall we?") == (
        Passage("Do you wrap gifts?", "Yes. Shall we?"),
    )


def test_an_answer_keeps_its_lines() -> None:
    prompt = (
        "Q: How do I return it?\nA: In two steps:\n1. Pack it.\n2. Post it.\n\nQ: Next?\nA: No."
    )
    assert passages(prompt)[0].text == "In two steps:\n1. Pack it.\n2. Post it."


def test_a_label_names_what_its_line_or_its_list_is_about() -> None:
    prompt = "Shipping: 3 to 5 days.\n\nOpening hours:\n- Monday 9:00 to 18:00\n- Sunday closed"
    assert passages(prompt) == (
        Passage("Shipping", "Shipping: 3 to 5 days."),
        Passage("Opening hours", "- Monday 9:00 to 18:00\n- Sunday closed"),
    )


def test_a_time_of_day_is_no_label() -> None:
    assert passages("We are open from 9:00 to 18:00.")[0].topic == ""


def test_a_sentence_stands_under_its_heading() -> None:
    assert passages("# Contact\nCall 040 123456.") == (Passage("Contact", "Call 040 123456."),)


@pytest.mark.parametrize(
    "order",
    [
        "You are Marina, the assistant of Harbour & Pine.",
        "Answer in the customer's language.",
        "Never promise a date.",
        "If the customer is angry, stay kind.",
        "你是港湾商店的助手。",
        "请用中文回答。",
    ],
)
def test_orders_to_the_bot_are_no_facts(order: str) -> None:
    assert passages(order) == ()


def test_a_fact_beside_an_order_is_kept() -> None:
    assert passages("Be kind. Tents have five years of warranty.") == (
        Passage("", "Tents have five years of warranty."),
    )


def test_the_persona_is_read_in_the_language_asked_for() -> None:
    prompt = "You are Marina, who helps at Harbour & Pine.\n你是玛丽娜。"
    assert persona(prompt, chinese=False) == "Marina, who helps at Harbour & Pine"
    assert persona(prompt, chinese=True) == "玛丽娜"
    assert persona("Be kind.", chinese=False) is None


@given(st.text(alphabet="QA:：问答?？#-* \n.a1货", max_size=120))
def test_any_prompt_is_read_without_failing(prompt: str) -> None:
    assert all(passage.text for passage in passages(prompt))
