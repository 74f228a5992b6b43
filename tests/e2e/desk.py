"""The admin as staff use it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.e2e.site import Site


class Desk:
    """One browser page in the admin."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.content = page.locator("#content")
        self.rooms = page.locator(".rooms")
        self.url = f"{site.url}/admin/"
        self._site = site

    def sign_in(self, name: str) -> Desk:
        """Sign in as one of the demo's accounts."""
        self.go("")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(self._site.password(name))
        self.page.get_by_role("button", name="Log in").click()
        return self

    def go(self, place: str) -> Desk:
        """Open a page of the admin by its address below ``/admin/``."""
        self.page.goto(f"{self.url}{place}")
        return self

    def room(self, name: str) -> Locator:
        """Return the link to a room."""
        return self.rooms.get_by_role("link", name=name, exact=True)
