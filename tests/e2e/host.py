"""Somebody else's website: another origin, with a strict policy of its own."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

from tests.e2e.site import Site

WIDGET_ADD = """
from conversations.models import PromptTemplate, Widget
print(Widget.objects.create(
    name={name!r}, prompt_template=PromptTemplate.objects.earliest("pk"), **{fields!r},
).public_key)
"""
PAGE = """<!doctype html>
<html lang="en"><head><title>A shop elsewhere</title><link rel="icon" href="data:,">
{tags}</head>
<body><main><h1>A shop elsewhere</h1>{body}</main></body></html>"""


class Host:
    """A website that allows nothing but what ``docs/embedding.md`` asks for.

    A page without tags of its own embeds the widget whose key is its path.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages: dict[str, str] = {}
        policy = (
            "default-src 'none'; img-src data:; "
            f"script-src {site.url}; connect-src {site.url}; frame-src {site.url}"
        )
        page_of = self._page

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = page_of(urlsplit(self.path).path).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing: the tests' output is for their results."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self._server.server_address[1]
        # Ports do not make a site of their own, names do: browsers treat the two differently.
        self.near = f"http://127.0.0.1:{port}"
        self.far = f"http://localhost:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def tag(self, key: str, attributes: str = "") -> str:
        """Return a widget's snippet."""
        return (
            f'<script async src="{self._site.url}/widget.js" data-widget="{key}" {attributes}>'
            "</script>"
        )

    def put(self, *tags: str, body: str = "") -> str:
        """Add a page with these tags and return its address."""
        path = f"/page-{len(self._pages)}"
        self._pages[path] = PAGE.format(tags="\n".join(tags), body=body)
        return f"{self.near}{path}"

    def widget_add(self, name: str = "Elsewhere", **fields: object) -> str:
        """Add a widget that may stand here, and return its key."""
        script = WIDGET_ADD.format(
            name=name, fields={"allowed_origins": [self.near, self.far], **fields}
        )
        return self._site.manage("shell", "--verbosity=0", "--command", script).strip()

    def _page(self, path: str) -> str:
        return self._pages.get(path) or PAGE.format(tags=self.tag(path[1:]), body="")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
