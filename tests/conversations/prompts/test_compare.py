"""Two versions are compared word by word, settings included."""

from hypothesis import given
from hypothesis import strategies as st

from conversations.prompts.compare import Change, contents_compare
from conversations.prompts.content import PromptContent


def stretches(before: str, after: str) -> list[tuple[Change, str]]:
    comparison = contents_compare(
        PromptContent(instructions=before), PromptContent(instructions=after)
    )
    return [(stretch.change, stretch.text) for stretch in comparison.instructions]


def test_a_changed_word_is_shown_as_removed_then_added() -> None:
    assert stretches("Be short and kind", "Be brief and kind") == [
        (Change.KEPT, "Be "),
        (Change.REMOVED, "short"),
        (Change.ADDED, "brief"),
        (Change.KEPT, " and kind"),
    ]


def test_chinese_is_compared_character_by_character() -> None:
    assert stretches("三天退货", "七天退货") == [
        (Change.REMOVED, "三"),
        (Change.ADDED, "七"),
        (Change.KEPT, "天退货"),
    ]


@given(before=st.text(), after=st.text())
def test_what_was_kept_and_removed_is_the_old_text_and_kept_and_added_the_new(
    before: str, after: str
) -> None:
    parts = stretches(before, after)
    assert "".join(text for change, text in parts if change is not Change.ADDED) == before
    assert "".join(text for change, text in parts if change is not Change.REMOVED) == after


@given(text=st.text())
def test_a_content_does_not_differ_from_itself(text: str) -> None:
    content = PromptContent(instructions=text)
    assert contents_compare(content, content).is_same


def test_settings_that_differ_are_named_with_both_values() -> None:
    before = PromptContent(instructions="", temperature=None, max_output_tokens=800)
    after = PromptContent(instructions="", temperature=0.2, max_output_tokens=800)
    comparison = contents_compare(before, after)
    assert [(change.name, change.before, change.after) for change in comparison.settings] == [
        ("temperature", None, 0.2)
    ]
    assert not comparison.is_same
