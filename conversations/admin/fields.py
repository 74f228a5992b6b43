"""Form fields for lists that people write as lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


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
