import pytest

from conversations.locales import locale_near


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        *(("en", "en"), ("en_GB", "en"), ("EN-us", "en")),
        *(("zh-CN", "zh-hans"), ("zh_Hans", "zh-hans"), ("zh-hans", "zh-hans")),
        *(("tlh", ""), ("", ""), ("../../etc", ""), ("xx-abcdefgh", "")),
    ],
)
def test_the_nearest_language_of_the_site_is_found(wanted: str, near: str) -> None:
    assert locale_near(wanted) == near
