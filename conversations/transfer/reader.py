"""The parts of a file, each looked at before it is believed; a fault says its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from conversations.prompt_errors import DocumentError
from conversations.transfer.jsonlines import Located, Place


@dataclass(frozen=True, slots=True)
class Reader:
    """Looks at each part, and says on which line a fault is."""

    located: Located

    def fault(self, place: Place, words: str) -> DocumentError:
        """Return the error that names this place and its line."""
        while place and place not in self.located.lines:
            place = place[:-1]
        name = ".".join(map(str, place))
        return DocumentError(self.located.lines[place], f"{name}: {words}" if name else words)

    def at(self, place: Place) -> Any:
        """Return what stands there."""
        value = self.located.value
        for step in place:
            value = value[step]
        return value

    def mapping(self, place: Place, kinds: Mapping[str, Any], *, is_part: bool = False) -> Any:
        """Return the object there, once it has the right keys with values of the right kinds.

        Raises:
            DocumentError: It has not.
        """
        value = self.at(place)
        if not isinstance(value, dict):
            raise self.fault(place, _("no object"))
        for key in value:
            if key not in kinds:
                raise self.fault((*place, key), _("unknown"))
        for key, kind in kinds.items():
            if key not in value:
                if is_part:
                    continue
                raise self.fault(place, _("“%(key)s” is missing") % {"key": key})
            # A bool is an int to Python, and to nobody else.
            is_bool = isinstance(value[key], bool)
            if not isinstance(value[key], kind) or (is_bool and kind is not bool):
                raise self.fault((*place, key), _("not of the right kind"))
        return value

    def texts(self, place: Place) -> list[str]:
        """Return the list of texts there.

        Raises:
            DocumentError: It is no such list.
        """
        value = self.at(place)
        if not isinstance(value, list):
            raise self.fault(place, _("no list"))
        for number, item in enumerate(value):
            if not isinstance(item, str):
                raise self.fault((*place, number), _("no text"))
        return value

    def lines(self, place: Place) -> str:
        """Return the text there, which is written as a list of its lines.

        Raises:
            DocumentError: It is no list of texts.
        """
        return "\n".join(self.texts(place))
