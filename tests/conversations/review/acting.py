"""What in a page would act on whoever reads it."""

from __future__ import annotations

from html.parser import HTMLParser

LINKS = ("https://", "http://", "//")  # somebody must click them
SOURCES = {"src", "href", "action", "formaction", "srcset", "data", "poster", "background"}


class Page(HTMLParser):
    """Collects what a browser would run, fetch or submit, but for what is the site's own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in {"style", "iframe", "object", "embed", "base", "math", "img"}:
            self.acting.append(tag)
        if tag == "script" and not attributes.get("src", "").startswith("/static/"):
            self.acting.append(tag)
        for name, value in attributes.items():
            is_ours = value.startswith("?") or (tag == "a" and value.startswith(LINKS))
            is_foreign = "evil" in value and not is_ours
            if name.startswith("on") or name == "style" or (name in SOURCES and is_foreign):
                self.acting.append(f"{tag} {name}={value}")
            if value.strip().lower().startswith(("javascript:", "data:", "vbscript:")):
                self.acting.append(f"{tag} {name}={value}")
