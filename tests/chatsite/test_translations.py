import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ENTRY = re.compile(
    r'(?:^msgctxt (?P<context>".*")\n)?'
    r'^msgid (?P<id>(?:".*"\n)+)(?:msgid_plural (?:".*"\n)+)?'
    r'msgstr(?:\[0\])? (?P<text>(?:".*"\n?)+)',
    re.MULTILINE,
)
PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[sdf]|\{\w+\}")


def unquote(lines: str) -> str:
    joined = "".join(re.findall(r'"(.*)"', lines))
    return joined.replace(r"\"", '"').replace(r"\n", "\n").replace(r"\\", "\\")


def entries(path: Path) -> dict[tuple[str, str], str]:
    found = ENTRY.finditer(path.read_text())
    return {
        (unquote(entry["context"] or ""), unquote(entry["id"])): unquote(entry["text"])
        for entry in found
        if unquote(entry["id"])
    }


def test_every_sentence_is_translated() -> None:
    assert [key for key, text in entries(CATALOGUE).items() if not text] == []
    assert len(entries(CATALOGUE)) > 500


def test_translations_keep_their_placeholders() -> None:
    for (_, original), text in entries(CATALOGUE).items():
        assert set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(original)), original


def test_the_compiled_catalogue_is_the_one_that_is_written() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    for (context, original), text in entries(CATALOGUE).items():
        if context:
            said = {translations.pgettext(context, original)}
        else:
            said = {translations.gettext(original), translations.ngettext(original, "", 1)}
        assert text in said


@pytest.mark.skipif(not shutil.which("xgettext"), reason="there is no gettext here")
def test_no_sentence_of_the_code_is_missing_from_the_catalogue(tmp_path: Path) -> None:
    for name in ("chatsite", "conversations", "gateway", "templates", "manage.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale=zh_Hans"]
    subprocess.run(  # noqa: S603 - our own command
        [*command, "--no-location", "--symlinks"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
    )
    found = entries(tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
    assert sorted(found.keys() - entries(CATALOGUE).keys()) == []
