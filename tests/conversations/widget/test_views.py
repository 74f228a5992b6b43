"""The widget's pages as browsers get them, headers first: they decide who may do what."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from conversations.models import Widget
from conversations.widget.scripts import Script, script_loader, script_panel, styles_panel
from conversations.widget.served import script_aside, script_team

SHOP = "https://shop.example"
KIBIBYTE = 1024
PANEL_BYTES = 20 * KIBIBYTE
# With what comes later, if a customer ever needs all of it.
WHOLE_BYTES = 24.5 * KIBIBYTE


@pytest.fixture
def shop_widget(widget: Widget) -> Widget:
    """A widget that one website may embed."""
    widget.name = "Harbour & Pine"
    widget.allowed_origins = [SHOP]
    widget.greeting = "<b>Ahoy</b>"
    widget.suggested_questions = ["Where is my order?", "", 7]
    widget.save()
    return widget


def settings_of(client: Client, key: str, *, origin: str | None = SHOP) -> HttpResponse:
    headers = {} if origin is None else {"Origin": origin}
    response = client.get(f"/widget/{key}.json", headers=headers)
    assert isinstance(response, HttpResponse)
    return response


def policy_of(response: HttpResponseBase) -> dict[str, list[str]]:
    directives = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


def island_of(page: bytes) -> dict[str, object]:
    found = re.search(
        r'<script id="chatsite" type="application/json">(.*?)</script>', page.decode()
    )
    assert found
    island: dict[str, object] = json.loads(found[1])
    return island


class TestLoader:
    def test_it_is_cached_for_minutes_and_named_by_its_content(self, client: Client) -> None:
        response = client.get("/widget.js")
        assert response["Content-Type"] == "text/javascript; charset=utf-8"
        assert response["Cache-Control"] == "public, max-age=300"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        again = client.get("/widget.js", headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304

    def test_it_stays_within_four_kilobytes(self) -> None:
        assert len(gzip.compress(script_loader().source)) <= 4 * KIBIBYTE

    def test_it_is_sent_compressed(self, client: Client) -> None:
        response = client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(response.content) == script_loader().source


class TestSettings:
    def test_an_allowed_origin_may_read_them(self, client: Client, shop_widget: Widget) -> None:
        response = settings_of(client, shop_widget.public_key)
        assert response.status_code == 200
        assert response["Access-Control-Allow-Origin"] == SHOP
        assert "Origin" in response["Vary"]
        assert response["Cache-Control"] == "public, max-age=300"
        body = json.loads(response.content)
        assert body["origin"] == settings.SITE_ORIGIN
        assert body["panel"] == f"/widget/{shop_widget.public_key}/panel/"
        assert body["texts"]["title"] == "Chat with Harbour & Pine"

    @pytest.mark.parametrize(
        "origin",
        [
            "http://shop.example",
            "https://shop.example:8443",
            "https://www.shop.example",
            "https://shop.example.evil.example",
            "https://shop.example/",
            "HTTPS://SHOP.EXAMPLE",
            "null",
            "",
        ],
    )
    def test_any_other_origin_is_refused(
        self, client: Client, shop_widget: Widget, origin: str
    ) -> None:
        response = settings_of(client, shop_widget.public_key, origin=origin)
        assert response.status_code == 403
        assert response["Cache-Control"] == "no-store"
        error = json.loads(response.content)["error"]
        assert error.pop("code") == "origin_not_allowed"
        assert error.pop("hint").startswith(f"{origin} is not among the allowed origins")
        assert error == {}

    def test_a_refusal_can_be_read_and_tells_nothing_of_the_widget(
        self, client: Client, shop_widget: Widget
    ) -> None:
        response = settings_of(client, shop_widget.public_key, origin="https://evil.example")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert json.loads(response.content).keys() == {"error"}
        assert b"Harbour" not in response.content
        assert SHOP.encode() not in response.content

    def test_the_sites_own_pages_may_read_them(self, client: Client, shop_widget: Widget) -> None:
        for origin in (None, settings.SITE_ORIGIN):
            response = settings_of(client, shop_widget.public_key, origin=origin)
            assert response.status_code == 200
            assert response.get("Access-Control-Allow-Origin") == origin

    def test_an_unknown_widget_is_told_by_its_code_to_anybody(
        self, client: Client, db: None
    ) -> None:
        response = settings_of(client, "nobody")
        assert response.status_code == 404
        assert response["Access-Control-Allow-Origin"] == "*"
        error = json.loads(response.content)["error"]
        assert error["code"] == "unknown_widget"
        assert "nobody" in error["hint"]

    def test_everything_before_the_first_click_stays_within_six_kilobytes(
        self, client: Client, shop_widget: Widget
    ) -> None:
        address, headers = f"/widget/{shop_widget.public_key}.json", {"Accept-Encoding": "gzip"}
        look = client.get(address, headers=headers)
        assert look["Content-Encoding"] == "gzip"
        assert len(look.content) + len(gzip.compress(script_loader().source)) <= 6 * KIBIBYTE

    def test_a_widget_that_was_switched_off_is_unknown(
        self, client: Client, shop_widget: Widget
    ) -> None:
        Widget.objects.update(is_active=False)
        assert settings_of(client, shop_widget.public_key).status_code == 404

    @pytest.mark.parametrize(
        ("query", "accepted", "locale"),
        [
            ("?locale=zh-CN", "en", "zh-hans"),
            ("?locale=zh_Hans", "en", "zh-hans"),
            ("?locale=en-GB", "zh-CN", "en"),
            ("?locale=tlh", "zh-CN", "zh-hans"),
            ("?locale=../../etc", "en", "en"),
            ("", "zh-CN,zh;q=0.9", "zh-hans"),
            ("", "", "en"),
        ],
    )
    def test_the_language_is_the_one_asked_for_else_the_browsers(
        self, client: Client, shop_widget: Widget, query: str, accepted: str, locale: str
    ) -> None:
        address = f"/widget/{shop_widget.public_key}.json{query}"
        response = client.get(address, headers={"Accept-Language": accepted})
        assert json.loads(response.content)["locale"] == locale
        assert response["Content-Language"] == locale


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


class TestShop:
    def test_it_embeds_the_first_active_widget(self, client: Client, shop_widget: Widget) -> None:
        page = client.get("/").content.decode()
        tag = f'<script async src="/widget.js" data-widget="{shop_widget.public_key}"></script>'
        assert tag in page
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)

    def test_without_a_widget_it_says_what_to_do(self, client: Client, db: None) -> None:
        page = client.get("/").content.decode()
        assert "The chat is not here yet." in page
        assert "widget.js" not in page


@pytest.mark.parametrize(
    "address",
    ["/", "/widget.js", "/widget/{key}.json", "/widget/{key}/panel/", "/chat/{key}/"],
)
def test_no_page_of_the_widget_sets_a_cookie_or_varies_by_one(
    client: Client, shop_widget: Widget, address: str
) -> None:
    response = client.get(address.format(key=shop_widget.public_key))
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_reading_is_all_one_can_do(client: Client, shop_widget: Widget, method: str) -> None:
    for address in ("/", "/widget.js", f"/widget/{shop_widget.public_key}.json"):
        assert getattr(client, method)(address).status_code == 405
