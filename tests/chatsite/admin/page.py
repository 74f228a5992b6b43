"""A page as a strict policy and a screen reader take it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID_OF_LABEL = {"hidden", "submit", "button"}


class Page(HTMLParser):
    """What a browser under a strict policy would refuse, and what a reader would miss."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.headings = 0
        self.labels: set[str] = set()
        self.controls: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.refused += [f"<{tag} {name}>" for name in attributes if _is_inline(name)]
        is_data = attributes.get("type") == "application/json"  # which no browser runs
        if tag == "style" or (tag == "script" and "src" not in attributes and not is_data):
            self.refused.append(f"<{tag}>")
        if str(attributes.get("href", "")).startswith("javascript:"):
            self.refused.append("javascript:")
        self.headings += tag == "h1"
        if identity := attributes.get("id"):
            self.ids.append(identity)
        if tag == "label":
            self.labels.add(str(attributes.get("for")))
        if tag in {"input", "select", "textarea"} and attributes.get("type") not in VOID_OF_LABEL:
            self.controls.append((tag, attributes))

    @property
    def unlabelled(self) -> list[str]:
        return [
            f"{tag} {attributes.get('name')}"
            for tag, attributes in self.controls
            if attributes.get("id") not in self.labels
            and "aria-label" not in attributes
            and attributes.get("class") != "hidden"  # Django's, for password managers
        ]


def _is_inline(attribute: str) -> bool:
    return attribute == "style" or attribute.startswith("on")
