"""Two versions are compared word by word, settings included."""

from hypothesis import given
from hypothesis import strategies as st

from conversations.prompts.compare import Change, Stretch, contents_compare, stretches_fold
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


def test_a_translation_is_compared_word_by_word_and_its_examples_as_settings() -> None:
    example = {"customer": "Hallo", "answer": "Moin"}
    before = PromptContent(instructions="x", translations={"de": {"instructions": "Sei nett."}})
    after = PromptContent(
        instructions="x",
        translations={"de": {"instructions": "Sei kurz.", "examples": [example]}},
    )
    comparison = contents_compare(before, after)
    (change,) = comparison.translations
    assert change.language == "de"
    assert [s.text for s in change.instructions if s.change is Change.ADDED] == ["kurz"]
    (setting,) = comparison.settings
    assert (setting.name, setting.language) == ("examples", "de")
    assert (setting.before, setting.after) == ([], [example])
    assert not comparison.is_same


def test_a_translation_that_appears_or_goes_is_a_difference() -> None:
    plain = PromptContent(instructions="x")
    more = PromptContent(instructions="x", translations={"de": {"instructions": "Ja."}})
    for before, after in ((plain, more), (more, plain)):
        comparison = contents_compare(before, after)
        assert [change.language for change in comparison.translations] == ["de"]
        assert not comparison.is_same
    assert contents_compare(more, more).is_same


def kept(lines: int) -> str:
    return "".join(f"{number}\n" for number in range(lines))


def test_of_a_long_text_only_what_is_beside_a_change_is_shown() -> None:
    before, changed, after = stretches_fold(
        [
            Stretch(Change.KEPT, kept(20)),
            Stretch(Change.ADDED, kept(20)),
            Stretch(Change.KEPT, kept(20)),
        ]
    )
    assert (before.head, before.lines, before.tail) == ("", 17, "17\n18\n19\n")
    assert (changed.head, changed.hidden) == (kept(20), "")
    assert (after.head, after.lines, after.tail) == ("0\n1\n2\n", 17, "")


def test_what_is_not_worth_hiding_is_shown() -> None:
    change = Stretch(Change.REMOVED, "x")
    short = stretches_fold([change, Stretch(Change.KEPT, kept(11)), change])[1]
    assert (short.head, short.hidden, short.tail) == (kept(11), "", "")
    long = stretches_fold([change, Stretch(Change.KEPT, kept(12)), change])[1]
    assert long.lines == 6


@given(st.text(), st.text())
def test_nothing_is_lost_by_hiding_it(before: str, after: str) -> None:
    found = contents_compare(
        PromptContent(instructions=before), PromptContent(instructions=after)
    ).instructions
    assert [part.head + part.hidden + part.tail for part in stretches_fold(found)] == [
        stretch.text for stretch in found
    ]
