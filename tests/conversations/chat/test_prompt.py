from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.prompt import history_trim, tokens_estimate
from gateway.engine.types import ChatMessage, Role


def test_chinese_counts_more_than_latin() -> None:
    assert tokens_estimate("退货政策是什么") > tokens_estimate("returns")


def test_the_newest_messages_stay() -> None:
    newest_first = [ChatMessage(Role.USER, text * 40) for text in "cba"]
    kept = history_trim(newest_first, 2 * tokens_estimate("x" * 40))
    assert [message.content[0] for message in kept] == ["b", "c"]


def test_the_question_itself_always_stays() -> None:
    assert len(history_trim([ChatMessage(Role.USER, "x" * 4000)], 1)) == 1


@given(st.lists(st.text()), st.integers(0, 500))
def test_it_keeps_an_unbroken_end_of_the_history(texts: list[str], budget: int) -> None:
    newest_first = [ChatMessage(Role.USER, text) for text in texts]
    kept = history_trim(newest_first, budget)
    assert kept == newest_first[: len(kept)][::-1]
    assert len(kept) <= 1 or sum(tokens_estimate(m.content) for m in kept) <= budget
