"""Values as lines of JSON: exactly what was said, what acts in a terminal escaped. Pure."""

from __future__ import annotations

import json

from django.core.serializers.json import DjangoJSONEncoder

from conversations.review.visible import ACTING


def line_write(value: object) -> str:
    """Return a value as one line of JSON that any parser reads back as it was.

    Chinese stays readable; line ends, controls and marks that turn text around become escapes, so
    that no line breaks off and nothing acts wherever the file is shown.
    """
    text = json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return ACTING.sub(lambda found: json.dumps(found[0])[1:-1], text) + "\n"
