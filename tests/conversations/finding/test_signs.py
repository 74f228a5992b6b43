"""A wish for a person is seen in English and Chinese, and a question about the bot is none."""

import pytest

from conversations.finding.signs import asks_for_human


@pytest.mark.parametrize(
    "text",
    [
        "Can I talk to a human?",
        "I want to speak with a real person!",
        "please connect me to an agent",
        "Transfer me to customer service",
        "put me through to someone",
        "AGENT",
        "human please",
        "I need a representative.",
        "let me talk to somebody",
        "Could you get me a manager",
        "real person",
        "转人工",
        "我要人工客服",
        "请帮我转接人工服务",
        "能不能找个真人跟我说",
        "人工",
        "帮我叫你们经理",
        "我要和客服人员说话",
    ],
)
def test_a_wish_for_a_person_is_seen(text: str) -> None:
    assert asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "Are you a human?",
        "are you a real person or a bot",
        "Is this a real person?",
        "Which cleaning agent do I need for wool?",
        "How many people fit into the tent?",
        "I need support for my knee",
        "Do you talk about returns anywhere?",
        "你是真人吗？",
        "您是不是人工？",
        "人工皮革的沙发有吗",
        "这个真好",
        "",
    ],
)
def test_other_words_are_no_wish_for_a_person(text: str) -> None:
    assert not asks_for_human(text)
