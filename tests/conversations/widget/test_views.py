"""The widget's pages as browsers get them, headers first: they decide who may do what."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from conversations.models import Widget
from conversations.widget.scripts import script_loader
from tests.conversations.widget.pages import KIBIBYTE, SHOP


def settings_of(client: Client, key: str, *, origin: str | None = SHOP) -> HttpResponse:
    headers = {} if origin is None else {"Origin": origin}
    response = client.get(f"/widget/{key}.json", headers=headers)
    assert isinstance(response, HttpResponse)
    return response


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
