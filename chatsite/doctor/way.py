"""The way from a browser to the site: name, certificate, proxy, its headers, websockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from chatsite.doctor.finding import Finding, fine, wrong
from chatsite.doctor.outside import CLAIMED, Answer, Fault, Upgrade, mirror_ask, socket_open
from chatsite.mirror import PATH, mirror_token
from conversations.widget.selectors import widget_first

REDIRECTS = range(300, 400)
BAD_GATEWAY = range(502, 505)

FAULTS = {
    Fault.NAME: ("its name leads nowhere", "Make a DNS record for it."),
    Fault.REFUSED: ("nobody listens there", "Start the proxy, or see the firewall."),
    Fault.TLS: ("its certificate is not valid for it", "Renew it, or name the host in it."),
    Fault.SILENT: ("there is no answer", "See the proxy and the firewall."),
}


def site_check() -> Iterator[Finding]:
    """Ask the site for what it sees of us, at the address that browsers use."""
    url = f"{settings.SITE_URL}/{PATH}"
    answer = asyncio.run(mirror_ask(url, mirror_token()))
    if fault := answer_judge(answer, url, settings.SITE_URL):
        yield fault
        return
    yield fine(f"{settings.SITE_URL} answers.")
    yield from proxy_judge(answer.seen, is_secure=settings.SITE_IS_SECURE)


def answer_judge(answer: Answer, url: str, site: str) -> Finding | None:
    """Judge what came back from the site's address; None if it was the site itself."""
    if answer.fault:
        words, remedy = FAULTS[answer.fault]
        return wrong(f"{site} cannot be reached from here: {words}.", remedy)
    if answer.status in REDIRECTS and answer.location == url:
        return wrong(
            f"{site} leads to itself for ever: the site does not learn that the connection is "
            "https.",
            "The proxy must set X-Forwarded-Proto, and be one of TRUSTED_PROXIES.",
        )
    if answer.status in BAD_GATEWAY:
        return wrong(
            f"The proxy at {site} does not reach the site ({answer.status}).",
            "Start the site, and see where the proxy looks for it.",
        )
    if answer.status == 400:  # noqa: PLR2004 - Django's answer to a host it does not know
        return wrong(
            f"The site is asked under another name than {site}.",
            "The proxy must pass the Host header on; see ALLOWED_HOSTS, too.",
        )
    if answer.status != 200 or not answer.seen:  # noqa: PLR2004 - HTTP's OK
        return wrong(
            f"What answers at {site} is not this site ({answer.status}).",
            "See where the name leads; all processes need the same SECRET_KEY and version.",
        )
    return None


def proxy_judge(seen: dict[str, Any], *, is_secure: bool) -> Iterator[Finding]:
    """Judge what the site believes of a client that claims to be somebody else.

    Args:
        seen: What the site's mirror has told.
        is_secure: Whether the site is meant to be reached by https alone.
    """
    if seen["address"] == CLAIMED:
        yield wrong(
            "The proxy passes on what clients claim as their address: anybody can be anybody.",
            "It must set X-Real-IP to the address it saw: proxy_set_header X-Real-IP $remote_addr;",
        )
    elif seen["is_trusted"] and not seen["is_named"]:
        yield wrong(
            "The proxy does not tell clients' addresses: all customers share its own.",
            "It must set X-Real-IP, once: proxy_set_header X-Real-IP $remote_addr;",
        )
    elif is_secure and not seen["is_trusted"]:
        yield wrong(
            f"The connection comes from {seen['peer']}, which is none of TRUSTED_PROXIES.",
            "Add the proxy's address to TRUSTED_PROXIES.",
        )
    elif seen["is_trusted"]:
        yield fine(f"The proxy tells clients' addresses; ours is {seen['address']}.")
    else:
        yield fine("No proxy is believed, and claims about addresses are dropped.")


def websocket_check() -> Iterator[Finding]:
    """Open a chat's websocket as a browser would, and wait to be welcomed."""
    widget = widget_first()
    if widget is None:
        yield fine("There is no widget whose websocket could be opened.")
        return
    scheme = "wss" if settings.SITE_IS_SECURE else "ws"
    host = settings.SITE_ORIGIN.partition("://")[2]
    url = f"{scheme}://{host}/ws/chat/{widget.public_key}/"
    yield upgrade_judge(asyncio.run(socket_open(url, settings.SITE_ORIGIN)))


def upgrade_judge(upgrade: Upgrade) -> Finding:
    """Judge how far a websocket came."""
    if upgrade.is_welcome:
        return fine(f"Websockets come through; we were welcomed after {upgrade.took_ms} ms.")
    if upgrade.status == 403:  # noqa: PLR2004 - our own refusal
        return wrong(
            "The site refuses its own pages' websockets.",
            "All processes need the same SITE_URL, and the proxy must not change Origin.",
        )
    if upgrade.status:
        return wrong(
            f"Websockets do not come through: the handshake was answered with {upgrade.status}.",
            "The proxy must pass Upgrade and Connection on, over HTTP/1.1 (docs/deploy.md).",
        )
    return wrong(
        "A websocket opens, but nothing comes through it.",
        "See whether the proxy buffers (proxy_buffering off), and the site's log.",
    )
