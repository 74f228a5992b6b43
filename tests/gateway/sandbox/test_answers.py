from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.answers import Turn, answer

PROMPT = """You are Marina, the assistant of Harbour & Pine.
Answer only from the FAQ. Never guess.

Q: How long does shipping take?
A: Two to four working days.

Q: What does shipping cost?
A: 4.90 euros, and nothing from 50 euros on.

Q: Do you ship to other countries?
A: To all of the EU and to Norway.

Q: How can I return something?
A: Within **30 days**, with the label from your account.

Q: When do I get my refund?
A: Within 5 working days.

Q: Where is my order?
A: The tracking link is in our e-mail.

Q: Is there a warranty?
A: Two years, and five on tents.

Q: Do you sell gift cards?
A: From 10 to 200 euros.

# Contact
Write to hello@harbour-pine.example.

问：配送需要多久？
答：2 到 4 个工作日送达。

问：怎么退货？
答：30 天内可以退货。
"""


def ask(*questions: str, prompt: str = PROMPT) -> str:
    return answer([Turn("system", prompt), *(Turn("user", question) for question in questions)])


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How long does delivery take?", "Two to four working days."),
        ("how much is postage", "4.90 euros"),
        ("can I send it back", "30 days"),
        ("When will I get my money back?", "5 working days"),
        ("where's my parcel?", "tracking link"),
        ("is my tent covered if it breaks", "five on tents"),
        ("do you ship to Norway?", "Norway"),
        ("can I talk to a human", "hello@harbour-pine.example"),
        ("多久能送到", "2 到 4 个工作日送达。"),
        ("我想退货怎么办", "30 天内可以退货。"),
    ],
)
def test_it_finds_the_fact_that_fits_the_question(question: str, fact: str) -> None:
    assert fact in ask(question)


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "do you sell kayaks", "tell me a joke"]
)
def test_it_says_so_when_the_prompt_says_nothing_and_names_the_contact(question: str) -> None:
    said = ask(question)
    assert "have not been told" in said
    assert "hello@harbour-pine.example" in said


def test_it_says_so_in_chinese_too() -> None:
    assert "没有这方面的资料" in ask("法国首都是哪里")


def test_an_editors_change_shows_in_the_answer() -> None:
    changed = PROMPT.replace("30 days", "60 days")
    assert "60 days" in ask("How can I return my boots?", prompt=changed)


def test_it_answers_in_the_other_language_when_the_prompt_has_no_other() -> None:
    assert "From 10 to 200 euros." in ask("你们有礼品卡吗")


def test_two_questions_in_one_get_two_answers() -> None:
    said = ask("How do I return it, and when do I get the refund?")
    assert "30 days" in said
    assert "5 working days" in said


def test_one_question_gets_one_answer() -> None:
    assert "4.90" not in ask("How long does delivery take?")


def test_a_short_follow_up_leans_on_the_question_before() -> None:
    assert "4.90 euros" in ask("How long does shipping take?", "And how much?")


def test_a_follow_up_that_stands_alone_leaves_the_question_before() -> None:
    said = ask("How long does shipping take?", "Gift cards?")
    assert "From 10 to 200 euros." in said
    assert "working days" not in said


def test_it_greets_with_its_name_and_suggests_questions() -> None:
    said = ask("Hello!")
    assert "I am Marina, the assistant of Harbour & Pine." in said
    assert "- How long does shipping take?" in said


def test_it_greets_in_chinese_with_chinese_suggestions() -> None:
    said = ask("你好")
    assert "- 配送需要多久？" in said
    assert "shipping" not in said


@pytest.mark.parametrize("question", ["Are you a bot?", "你是机器人吗?", "who are you"])
def test_it_never_denies_being_a_machine(question: str) -> None:
    said = ask(question)
    assert "not a person" in said or "不是真人" in said


def test_it_answers_thanks_and_goodbye_without_facts() -> None:
    assert ask("Thank you!").startswith("You are welcome")
    assert "Goodbye" in ask("bye")


def test_without_a_prompt_it_knows_nothing() -> None:
    assert "have not been told" in ask("How long does shipping take?", prompt="")


@given(st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), st.text()), max_size=5))
def test_it_always_has_something_to_say(chat: list[tuple[str, str]]) -> None:
    assert answer([Turn(*turn) for turn in chat]).strip()
