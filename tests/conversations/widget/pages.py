"""The widget's pages, asked for as browsers ask."""

from __future__ import annotations

from django.http.response import HttpResponseBase

SHOP = "https://shop.example"
KIBIBYTE = 1024


def policy_of(response: HttpResponseBase) -> dict[str, list[str]]:
    directives = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}
