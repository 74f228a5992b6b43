"""Which languages the site speaks: English, and each that has a compiled catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, to_language

SOURCE = "en"
CATALOGUE = "*/LC_MESSAGES/django.mo"


def languages_found(folders: Iterable[Path]) -> list[tuple[str, str | Promise]]:
    """Return code and name of each language, English first, the others by their codes.

    Args:
        folders: Where catalogues lie, each as ``<locale>/LC_MESSAGES/django.mo``. A folder that
            is not named as Django names a language is passed over.
    """
    codes = {
        to_language(catalogue.parts[-3])
        for folder in folders
        for catalogue in folder.glob(CATALOGUE)
    }
    known = sorted(code for code in codes if code != SOURCE and "name" in LANG_INFO.get(code, {}))
    return [(code, gettext_lazy(LANG_INFO[code]["name"])) for code in [SOURCE, *known]]
