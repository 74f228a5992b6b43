"""A website that knows its customers and says so to the chat."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.conversations.identity.website import token_make
from tests.e2e.chat import Chat
from tests.e2e.host import Host
from tests.e2e.site import Site

WIDGET_ADD = """
import json
from conversations.identity.secrets import signing_secret_add
from conversations.models import PromptTemplate, Widget
widget = Widget.objects.create(
    name={name!r}, prompt_template=PromptTemplate.objects.earliest("pk"),
    allowed_origins={origins!r}, is_verified_only={is_verified_only!r},
)
print(json.dumps([widget.public_key, signing_secret_add(widget=widget).text]))
"""
SET_USER = """([identity, hasRefresh]) => {
  window.errors = [];
  addEventListener("chatsite:error", ({ detail }) => errors.push(detail.code));
  chatsite.setUser({ identity, refresh: hasRefresh ? () => window.freshToken() : undefined });
}"""


@dataclass(frozen=True)
class Website:
    """A widget on a website, and the secret that its server has."""

    key: str
    secret: str

    def identity(self, sub: str = "7", *, seconds: float = 300) -> str:
        """Return what the server says of its customer."""
        return token_make(self.secret, sub=sub, name="Ada", exp=time.time() + seconds)


def website_make(
    site: Site, host: Host, *, name: str = "Elsewhere", is_verified_only: bool = False
) -> Website:
    """Add a widget for a website, and a secret for its server."""
    script = WIDGET_ADD.format(
        name=name, origins=[host.near, host.far], is_verified_only=is_verified_only
    )
    return Website(*json.loads(site.manage("shell", "--verbosity=0", "--command", script)))


def go(page: Page, origin: str, website: Website) -> Chat:
    """Visit the website."""
    page.goto(f"{origin}/{website.key}")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    return chat


def sign_in(page: Page, identity: str, *, has_refresh: bool = False) -> None:
    """Let the website say who its customer is."""
    page.evaluate(SET_USER, [identity, has_refresh])
