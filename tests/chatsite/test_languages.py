from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from chatsite.checks import check_locale_path
from chatsite.languages import languages_found


def catalogue(folder: Path, locale: str) -> None:
    place = folder / locale / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.mo").touch()


def test_a_catalogue_makes_a_language_and_english_is_always_there(tmp_path: Path) -> None:
    for locale in ("zh_Hans", "ar", "pt_BR", "tlh", "en"):
        catalogue(tmp_path, locale)
    catalogue(tmp_path, "fr")
    place = tmp_path / "fr" / "LC_MESSAGES"
    (place / "django.mo").rename(place / "django.po")  # translated, but not compiled
    found = [(code, str(name)) for code, name in languages_found([tmp_path])]
    assert found == [
        ("en", "English"),
        ("ar", "Arabic"),
        ("pt-br", "Brazilian Portuguese"),
        ("zh-hans", "Simplified Chinese"),
    ]


def test_a_language_in_two_folders_is_one(tmp_path: Path) -> None:
    catalogue(tmp_path / "one", "ar")
    catalogue(tmp_path / "two", "ar")
    found = languages_found([tmp_path / "one", tmp_path / "two", tmp_path / "none"])
    assert [code for code, _name in found] == ["en", "ar"]


def test_the_site_itself_speaks_english_and_chinese() -> None:
    assert [code for code, _name in settings.LANGUAGES] == ["en", "zh-hans"]


@pytest.mark.parametrize("name", ["none", "empty"])
def test_a_folder_without_a_catalogue_keeps_the_site_from_starting(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    with override_settings(LOCALE_PATH=str(tmp_path / name)):
        messages = list(check_locale_path())
    assert [message.id for message in messages] == ["chatsite.E021"]


def test_a_folder_with_a_catalogue_or_none_is_fine(tmp_path: Path) -> None:
    catalogue(tmp_path, "ar")
    for path in ("", str(tmp_path)):
        with override_settings(LOCALE_PATH=path):
            assert list(check_locale_path()) == []
