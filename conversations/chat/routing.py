"""Every websocket address of the site."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from conversations.chat.consumers import ChatConsumer


async def nowhere(_scope: Any, _receive: Any, send: Any) -> None:
    """Refuse the handshake: there is nothing at this address."""
    await send({"type": "websocket.close"})


websocket_urlpatterns = [
    path("ws/chat/<str:public_key>/", ChatConsumer.as_asgi()),
    re_path("", nowhere),  # type: ignore[arg-type]  # Channels routes to applications, too
]
