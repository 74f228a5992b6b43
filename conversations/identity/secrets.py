"""A widget's signing secrets: made here, shown once, sealed, and two of them at the most."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from conversations.models import SigningSecret, Widget
from conversations.staff_errors import SecretRetiredError, TooManySecretsError
from gateway import vault
from gateway.sealed import Sealed

logger = logging.getLogger(__name__)

SECRET_BYTES = 32
# One that is in use, and the one that takes its place.
VALID_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret at the only moment it can be read.

    Args:
        row: What is kept of it.
        text: The secret; it masks itself wherever this object is printed.
    """

    row: SigningSecret
    text: str = field(repr=False)


def signing_secret_place(widget: int) -> vault.Place:
    """Return where a signing secret belongs: to one widget, and nowhere to be sent."""
    return vault.Place(purpose="signing-secret", owner=f"widget:{widget}", host="")


@sensitive_variables("text")
@transaction.atomic
def signing_secret_add(*, widget: Widget, by: User | None = None) -> NewSecret:
    """Make a secret for a widget; tokens signed with it are believed at once.

    Raises:
        TooManySecretsError: Two are valid already.
        VaultError: There is no usable master key.
    """
    # Two people who add at once would each see one valid secret.
    Widget.objects.select_for_update().get(pk=widget.pk)
    valid = SigningSecret.objects.filter(widget=widget, retired_at=None).count()
    if valid >= VALID_AT_ONCE:
        raise TooManySecretsError
    text = secrets.token_urlsafe(SECRET_BYTES)
    row = SigningSecret.objects.create(
        widget=widget,
        sealed_secret=vault.seal(text, **signing_secret_place(widget.pk)),
        last_four=text[-4:],
        created_by=by,
    )
    logger.info("Signing secret %s of widget %s was added by %s.", row, widget.pk, by or "the site")
    return NewSecret(row, text)


def signing_secret_retire(*, secret: SigningSecret, by: User | None = None) -> None:
    """End a secret for good and forget it; what it has signed is believed no more.

    Raises:
        SecretRetiredError: It is retired already.
    """
    changed = SigningSecret.objects.filter(pk=secret.pk, retired_at=None).update(
        retired_at=timezone.now(), retired_by=by, sealed_secret=""
    )
    if not changed:
        raise SecretRetiredError
    logger.info(
        "Signing secret %s of widget %s was retired by %s.",
        secret,
        secret.widget_id,
        by or "the site",
    )


@sensitive_variables()
def signing_secrets_open(widget: int) -> list[str]:
    """Return a widget's valid secrets, newest first; one that does not open is left out."""
    opened = []
    for row in SigningSecret.objects.filter(widget=widget, retired_at=None):
        try:
            opened.append(vault.unseal(row.sealed_secret, **signing_secret_place(widget)))
        except vault.VaultError as fault:
            logger.error(  # noqa: TRY400  # its frames hold the secrets that did open
                "Signing secret %s of widget %s does not open: %s", row, widget, fault
            )
    return opened


@sensitive_variables("text")
def signing_secret_reseal(*, secret: SigningSecret) -> bool:
    """Seal a secret under the first master key, if it is not yet.

    Returns:
        Whether anything had to be done.

    Raises:
        VaultError: It does not open.
    """
    if vault.is_current(secret.sealed_secret):
        return False
    place = signing_secret_place(secret.widget_id)
    text = vault.unseal(secret.sealed_secret, **place)
    # Conditional, so that one who retires it meanwhile wins.
    same = SigningSecret.objects.filter(pk=secret.pk, sealed_secret=secret.sealed_secret)
    return same.update(sealed_secret=vault.seal(text, **place)) == 1


def signing_secrets_sealed() -> Iterator[Sealed]:
    """Return every valid secret as it is kept, for whoever looks after the master keys."""
    for row in SigningSecret.objects.filter(retired_at=None).select_related("widget"):
        yield Sealed(
            name=f"signing secret {row} of {row.widget.name}",
            sealed=row.sealed_secret,
            place=signing_secret_place(row.widget_id),
            reseal=partial(signing_secret_reseal, secret=row),
        )
