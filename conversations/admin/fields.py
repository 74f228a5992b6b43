"""Form fields for what people write as text and we keep as lists."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from conversations.hours import HoursError, day_read
from conversations.team.services import is_mail_address
from conversations.widget.origins import origin_normalize
from conversations.widget.regions import is_region


class LinesField(forms.CharField):
    """A list of texts, one a line; blank lines are dropped."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": rows}), **options)

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in str(value or "").splitlines())
        return [line for line in lines if line]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class OriginsField(LinesField):
    """Origins, one a line, as browsers write them."""

    def to_python(self, value: Any) -> Any:
        origins = {line: origin_normalize(line) for line in super().to_python(value)}
        wrong = [line for line, origin in origins.items() if origin is None]
        if wrong:
            raise ValidationError(
                _("Write scheme, host and port only, as in https://www.example.com: %(lines)s"),
                params={"lines": ", ".join(wrong)},
            )
        return list(dict.fromkeys(origins.values()))


class MailAddressesField(LinesField):
    """E-mail addresses, one a line, each once."""

    def to_python(self, value: Any) -> Any:
        lines = list(dict.fromkeys(super().to_python(value)))
        if wrong := [line for line in lines if not is_mail_address(line)]:
            raise ValidationError(
                _("These are no e-mail addresses: %(lines)s"), params={"lines": ", ".join(wrong)}
            )
        return lines


class RegionsField(forms.CharField):
    """Codes of regions, with commas or spaces between; kept as a list in small letters."""

    def to_python(self, value: Any) -> Any:
        codes = re.split(r"[\s,;\uff0c\u3001]+", str(value or "").lower())
        regions = list(dict.fromkeys(filter(None, codes)))
        if wrong := [region for region in regions if not is_region(region)]:
            raise ValidationError(
                _("A region is a short code, as in eu or us: %(codes)s"),
                params={"codes": ", ".join(wrong)},
            )
        return regions

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class DayField(forms.CharField):
    """The hours of one day, as in ``09:00-12:00, 13:00-17:30``; kept in one way of writing."""

    def to_python(self, value: Any) -> Any:
        try:
            return ", ".join(map(str, day_read(super().to_python(value) or "")))
        except HoursError as error:
            raise ValidationError(
                _("Write hours as in 09:00-12:00, 13:00-17:30; each ends later than it begins.")
            ) from error


class RouteField(LinesField):
    """Pairs of provider and model in order of preference, written ``provider / model``."""

    def to_python(self, value: Any) -> Any:
        return [self._hop(line) for line in super().to_python(value)]

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return "\n".join(" / ".join(hop) for hop in value)
        return value

    @staticmethod
    def _hop(line: str) -> list[str]:
        # A model's name may hold slashes of its own, a provider's slug never does.
        provider, _slash, model = (part.strip() for part in line.partition("/"))
        if not provider or not model:
            raise ValidationError(_("Write “provider / model”: %(line)s"), params={"line": line})
        return [provider, model]
