from uuid import uuid4

import pytest
from django.core import signing
from pytest_django.fixtures import Settings

from conversations.errors import InvalidTokenError
from conversations.identity.tokens import visitor_token_make, visitor_token_read

WIDGET = "shop-key"


def test_a_token_names_its_visitor() -> None:
    visitor = uuid4()
    assert visitor_token_read(visitor_token_make(visitor, WIDGET), WIDGET) == visitor


def test_a_token_of_another_widget_is_none() -> None:
    with pytest.raises(InvalidTokenError):
        visitor_token_read(visitor_token_make(uuid4(), WIDGET), "another-key")


def test_every_changed_character_is_noticed() -> None:
    token = visitor_token_make(uuid4(), WIDGET)
    for place in range(len(token)):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        # The last character of base64 has bits that mean nothing; it must not name anybody else.
        try:
            visitor = visitor_token_read(forged, WIDGET)
        except InvalidTokenError:
            continue
        assert visitor == visitor_token_read(token, WIDGET)


@pytest.mark.parametrize("token", ["", "x", ":::", "\ud800", "\x00", "é" * 100])
def test_nonsense_is_no_token(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        visitor_token_read(token, WIDGET)


def test_a_token_signed_for_another_purpose_is_none() -> None:
    token = signing.dumps([uuid4().hex, WIDGET], salt="another.purpose")
    with pytest.raises(InvalidTokenError):
        visitor_token_read(token, WIDGET)


def test_a_token_of_the_right_kind_with_the_wrong_content_is_none() -> None:
    for content in ({"v": 1}, [1, WIDGET], ["zz", WIDGET], "ab", None, 7):
        with pytest.raises(InvalidTokenError):
            visitor_token_read(signing.dumps(content, salt="chatsite.visitor"), WIDGET)


def test_a_token_expires(settings: Settings) -> None:
    token = visitor_token_make(uuid4(), WIDGET)
    settings.VISITOR_TOKEN_DAYS = -1
    with pytest.raises(InvalidTokenError):
        visitor_token_read(token, WIDGET)
