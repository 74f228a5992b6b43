"""Where HTTP and websockets meet, and only here."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

_http = get_asgi_application()  # loads the apps, which routing needs

from chatsite.origin import OriginGuard  # noqa: E402 - after the apps
from conversations.chat.routing import websocket_urlpatterns  # noqa: E402 - after the apps

application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": OriginGuard(URLRouter(websocket_urlpatterns), settings.SITE_ORIGIN),
    }
)
