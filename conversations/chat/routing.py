"""Every websocket address of the site."""

from __future__ import annotations

from django.urls import path

from conversations.chat.consumers import ChatConsumer

websocket_urlpatterns = [path("ws/chat/<str:public_key>/", ChatConsumer.as_asgi())]
