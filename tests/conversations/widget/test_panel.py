"""The panel page and its policy, as browsers get them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from conversations.models import Widget
from conversations.widget.scripts import Script, script_panel, styles_panel
from conversations.widget.served import script_aside, script_team
from tests.conversations.widget.pages import KIBIBYTE, SHOP, policy_of

PANEL_BYTES = 20 * KIBIBYTE
# With what comes later, if a customer ever needs all of it.
WHOLE_BYTES = 24.75 * KIBIBYTE


def island_of(page: bytes) -> dict[str, object]:
    found = re.search(
        r'<script id="chatsite" type="application/json">(.*?)</script>', page.decode()
    )
    assert found
    island: dict[str, object] = json.loads(found[1])
    return island


class TestPanel:
    def test_only_the_allowed_origins_may_frame_it(
        self, client: Client, shop_widget: Widget
    ) -> None:
        response = client.get(f"/widget/{shop_widget.public_key}/panel/")
        assert policy_of(response)["frame-ancestors"] == [settings.SITE_ORIGIN, SHOP]
        assert "X-Frame-Options" not in response
        assert island_of(response.content)["hosts"] == [settings.SITE_ORIGIN, SHOP]

    def test_its_policy_lets_nothing_in_but_our_own_files_and_socket(
        self, client: Client, shop_widget: Widget
    ) -> None:
        policy = policy_of(client.get(f"/widget/{shop_widget.public_key}/panel/"))
        assert policy["default-src"] == policy["form-action"] == ["'none'"]
        assert policy["script-src"] == policy["style-src"] == ["'self'"]
        assert policy["connect-src"] == ["'self'", "ws://127.0.0.1:8000"]
        assert policy["object-src"] == policy["base-uri"] == ["'none'"]
        assert policy["require-trusted-types-for"] == ["'script'"]
        assert policy["trusted-types"] == ["chatsite"]

    @pytest.mark.parametrize("address", ["/widget/{key}/panel/", "/chat/{key}/"])
    def test_it_says_ai_before_the_first_message(
        self, client: Client, shop_widget: Widget, address: str
    ) -> None:
        page = client.get(address.format(key=shop_widget.public_key)).content.decode()
        assert "AI assistant" in page
        assert "<title>Harbour &amp; Pine</title>" in page

    def test_what_the_owner_wrote_is_text(self, client: Client, shop_widget: Widget) -> None:
        Widget.objects.update(name="</script><script>alert(1)</script>")
        page = client.get(f"/widget/{shop_widget.public_key}/panel/").content.decode()
        assert "<b>Ahoy</b>" not in page
        assert "&lt;b&gt;Ahoy" in page
        assert "<script>alert" not in page
        assert page.count('<button type="button" dir="auto">') == 1

    def test_it_has_no_inline_script_and_no_inline_style(
        self, client: Client, shop_widget: Widget
    ) -> None:
        page = client.get(f"/widget/{shop_widget.public_key}/panel/").content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        for attributes in re.findall(r"<script([^>]*)>", page):
            assert "src=" in attributes or 'type="application/json"' in attributes

    @pytest.mark.parametrize("locale", [code for code, _ in settings.LANGUAGES])
    def test_all_that_opening_it_fetches_stays_within_its_budget(
        self, client: Client, shop_widget: Widget, locale: str
    ) -> None:
        page = client.get(f"/widget/{shop_widget.public_key}/panel/?locale={locale}").content
        assert f'<html lang="{locale}">' in page.decode()
        # An icon is not fetched for a frame; everything else that a page can name is.
        named = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', page.decode())
        fetched = [name for name in named if not name.endswith("icon.svg")]
        parts = [client.get(name).content for name in fetched]
        assert parts == [styles_panel().source, script_panel().source]
        sizes = [len(gzip.compress(part)) for part in (page, *parts)]
        assert sum(sizes) <= PANEL_BYTES, sizes
        late = [script(locale).source for script in (script_aside, script_team)]
        sizes += [len(gzip.compress(part)) for part in late]
        assert sum(sizes) <= WHOLE_BYTES, sizes

    @pytest.mark.parametrize(
        ("locale", "words"), [("en", "Delete for good"), ("zh-hans", "彻底删除")]
    )
    def test_what_is_seldom_needed_is_one_more_file_in_the_pages_language(
        self, client: Client, shop_widget: Widget, locale: str, words: str
    ) -> None:
        page = client.get(f"/widget/{shop_widget.public_key}/panel/?locale={locale}").content
        assert words not in page.decode()
        address = str(island_of(page)["aside"])
        aside = client.get(address)
        assert aside["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in aside["Cache-Control"]
        assert words in aside.content.decode()
        again = client.get(f"{address}&try=2")
        assert again.content == aside.content
        other = client.get(f"/widget/aside-0123456789abcdef.js?locale={locale}")
        assert other.content == aside.content
        assert other["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("kind", "part", "content_type"),
        [("js", script_panel, "text/javascript"), ("css", styles_panel, "text/css")],
    )
    def test_its_parts_are_kept_for_ever_under_their_own_names_only(
        self,
        client: Client,
        shop_widget: Widget,
        kind: str,
        part: Callable[[], Script],
        content_type: str,
    ) -> None:
        page = client.get(f"/widget/{shop_widget.public_key}/panel/")
        found = re.search(rf'="(/widget/panel-[^"]+\.{kind})"', page.content.decode())
        assert found
        named = client.get(found[1])
        assert named.content == part().source
        assert named["Content-Type"] == f"{content_type}; charset=utf-8"
        assert "immutable" in named["Cache-Control"]
        other = client.get(f"/widget/panel-0123456789abcdef.{kind}")
        assert other.content == part().source
        assert other["Cache-Control"] == "no-store"

    def test_nobody_may_frame_the_full_page(self, client: Client, shop_widget: Widget) -> None:
        response = client.get(f"/chat/{shop_widget.public_key}/")
        assert policy_of(response)["frame-ancestors"] == ["'none'"]
        assert response["X-Frame-Options"] == "DENY"
        assert island_of(response.content)["hosts"] == []
        assert b'class="icon close"' not in response.content

    @pytest.mark.parametrize("address", ["/widget/nobody/panel/", "/chat/nobody/"])
    def test_an_unknown_widget_gets_a_polite_page(
        self, client: Client, db: None, address: str
    ) -> None:
        response = client.get(address)
        assert response.status_code == 404
        assert b"This chat is not available" in response.content
        assert policy_of(response)["frame-ancestors"] == ["'none'"]
