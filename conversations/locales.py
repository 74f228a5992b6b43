"""Which of the site's languages is nearest to the one that somebody wants."""

from __future__ import annotations

from django.utils.translation import get_supported_language_variant


def locale_near(wanted: str) -> str:
    """Return the site's language nearest to the wanted one, or "" if none is near.

    Only these may be activated: Django keeps a catalogue for whatever it is asked for, and
    finds nothing for a region (``zh-CN``) whose texts stand under a script (``zh-hans``).

    Args:
        wanted: As browsers and websites write it: ``en``, ``zh-CN``, ``en_GB``.
    """
    try:
        return get_supported_language_variant(wanted.replace("_", "-").lower())
    except LookupError:
        return ""
