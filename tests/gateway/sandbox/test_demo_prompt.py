"""The demo's own prompt, asked what customers ask: each gets the fact that an editor wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.sandbox.answers import Turn, answer
from gateway.sandbox.faq import passages

PROMPT = Path("chatsite/demo/harbour_and_pine.md").read_text()
NOT_TOLD = "have not been told"
NOT_TOLD_IN_CHINESE = "没有这方面的资料"


def ask(*said: str) -> str:
    return answer([Turn("system", PROMPT), *(Turn("user", text) for text in said)])


def test_every_passage_of_the_prompt_answers_a_question() -> None:
    assert all(passage.topic.endswith(("?", "？")) for passage in passages(PROMPT))


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How much is shipping?", "4.90"),
        ("is shipping free?", "free from"),
        ("How long does shipping take?", "2 to 4 working days"),
        ("when will my parcel arrive", "2 to 4 working days"),
        ("do you ship to Norway?", "all of Europe"),
        ("Can you deliver to Canada?", "Canada"),
        ("where is my order", "tracking link"),
        ("Where's my package?", "tracking link"),
        ("cancel order", "until the parcel has left"),
        ("my lantern arrived broken", "Send us a photo"),
        ("How do I return a jacket?", "30 days"),
        ("Can I send it back?", "30 days"),
        ("I want my money back", "5 working days"),
        ("can I exchange for another size", '"exchange"'),
        ("which size fits me", "XS to XXL"),
        ("is the rain jacket waterproof", "taped seams"),
        ("does the lantern need batteries", "USB-C"),
        ("do you have a guarantee?", "3-year warranty"),
        ("can you repair my bag", "workshop"),
        ("can I pay with paypal", "PayPal"),
        ("do you sell gift cards", "valid for"),
        ("discount code", "basket"),
        ("I need an invoice", "order confirmation"),
        ("are you open on sunday", "closed on Sundays"),
        ("where is your shop", "Harbour Street 12"),
        ("can I talk to a human", "hello@harbourandpine.example"),
        ("运费多少钱", "4.90"),
        ("多久能到", "2 到 4 个工作日"),
        ("可以寄到中国吗", "中国"),
        ("我的快递到哪了", "物流查询链接"),
        ("我想取消订单", "包裹发出之前"),
        ("收到的东西坏了", "照片"),
        ("我想退货", "30 天内"),
        ("什么时候退款", "5 个工作日内"),
        ("可以换货吗", "换货"),
        ("怎么选尺码", "尺码标准"),
        ("保修几年", "质保 3 年"),
        ("怎么付款", "Visa"),
        ("有礼品卡吗", "有效期 3 年"),
        ("周末开门吗", "周六"),
        ("转人工", "hello@harbourandpine.example"),
        ("Tell me a joke", NOT_TOLD),
        ("do you sell kayaks", NOT_TOLD),
        ("What is the capital of France?", NOT_TOLD),
        ("今天天气怎么样", NOT_TOLD_IN_CHINESE),
        ("讲个笑话", NOT_TOLD_IN_CHINESE),
    ],
)
def test_a_customer_hears_what_the_editor_wrote(question: str, fact: str) -> None:
    assert fact in ask(question)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        (("How long does shipping take?", "and how much?"), "4.90"),
        (("How much is shipping?", "and to Japan?"), "Japan"),
        (("怎么退货", "要多久到账"), "5 个工作日内"),
        (("do you sell gift cards", "how long are they valid?"), "3 years"),
    ],
)
def test_a_follow_up_is_understood(said: tuple[str, ...], fact: str) -> None:
    assert fact in ask(*said)
