"""Shows the doctor what the site sees of a request, and shows nobody else anything."""

from __future__ import annotations

from typing import Final

from django.core import signing
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chatsite.proxies import WAY, Way

PATH: Final = "doctor/mirror"
HEADER: Final = "X-Chatsite-Doctor"
TOKEN_SECONDS: Final = 60
_SALT: Final = "chatsite.doctor"


def mirror_token() -> str:
    """Return what opens the mirror for a minute, to whoever has SECRET_KEY."""
    return signing.dumps("mirror", salt=_SALT)


@never_cache
@require_safe
def mirror(request: HttpRequest) -> JsonResponse:
    """Answer with whose connection this is, and what is believed of it.

    Raises:
        Http404: The request has no valid token: there is nothing here.
    """
    try:
        signing.loads(request.headers.get(HEADER, ""), salt=_SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    way: Way = getattr(request, "scope", {}).get(WAY) or Way(None, is_trusted=False, is_named=False)
    return JsonResponse(
        {
            "address": request.META.get("REMOTE_ADDR", ""),
            "peer": way.peer,
            "is_trusted": way.is_trusted,
            "is_named": way.is_named,
            "is_secure": request.is_secure(),
        }
    )
