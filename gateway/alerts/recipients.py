"""What operators do with recipients and rules; nothing else writes them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from gateway import vault
from gateway.models import AlertNotice, AlertRecipient, AlertRule
from gateway.models.alert import AlertEvent, Channel
from gateway.sealed import Sealed

logger = logging.getLogger(__name__)


def secret_place(recipient: AlertRecipient) -> vault.Place:
    """Return where a webhook's secret belongs: to one recipient at one address."""
    return vault.Place(
        purpose="alert-webhook", owner=f"recipient:{recipient.pk}", host=recipient.address
    )


@sensitive_variables()
@transaction.atomic
def recipient_save(
    *, recipient: AlertRecipient, secret: str = "", by: User | None = None
) -> AlertRecipient:
    """Keep a recipient; a webhook whose address changes loses the secret it had.

    Raises:
        ValidationError: Something about it is malformed.
        VaultError: There is a secret, and no usable master key.
    """
    recipient.full_clean()
    old = AlertRecipient.objects.filter(pk=recipient.pk).first() if recipient.pk else None
    if recipient.channel != Channel.WEBHOOK or (old and old.address != recipient.address):
        recipient.sealed_secret = ""
    recipient.save()
    if secret and recipient.channel == Channel.WEBHOOK:
        recipient.sealed_secret = vault.seal(secret, **secret_place(recipient))
        recipient.save(update_fields=["sealed_secret"])
    logger.info("Alert recipient %s was saved by %s.", recipient.pk, by or "the site itself")
    return recipient


@transaction.atomic
def recipient_delete(*, recipient: AlertRecipient, by: User | None = None) -> None:
    """Take a recipient away, with what was sent to it."""
    name = recipient.pk
    recipient.delete()
    logger.info("Alert recipient %s was deleted by %s.", name, by or "the site itself")


@transaction.atomic
def rule_save(*, rule: AlertRule, by: User | None = None) -> AlertRule:
    """Say when a kind of trouble is worth a message.

    Raises:
        ValidationError: A number is out of bounds.
    """
    rule.full_clean()
    rule.save()
    logger.info("Alert %s was changed by %s.", rule.kind, by or "the site itself")
    return rule


def trial_notice(*, recipient: AlertRecipient) -> AlertNotice:
    """Write down a test, which whoever wrote it sends at once: nobody tries it again."""
    return AlertNotice.objects.create(recipient=recipient, event=AlertEvent.TEST, tries=1)


@sensitive_variables()
def secret_open(recipient: AlertRecipient) -> str:
    """Return a webhook's secret, or nothing where there is none, or it does not open."""
    if not recipient.sealed_secret:
        return ""
    try:
        return vault.unseal(recipient.sealed_secret, **secret_place(recipient))
    except vault.VaultError as fault:
        logger.warning("The secret of alert recipient %s does not open: %s", recipient.pk, fault)
        return ""


def secrets_kept() -> Iterator[Sealed]:
    """Return every webhook's secret, for those who prove and reseal them all."""
    for row in AlertRecipient.objects.exclude(sealed_secret="").order_by("pk"):
        yield Sealed(
            name=f"secret of alert recipient {row.name}",
            sealed=row.sealed_secret,
            place=secret_place(row),
            reseal=partial(_reseal, row),
        )


@sensitive_variables()
def _reseal(recipient: AlertRecipient) -> bool:
    if vault.is_current(recipient.sealed_secret):
        return False
    place = secret_place(recipient)
    secret = vault.unseal(recipient.sealed_secret, **place)
    # Conditional, so that one who changes it meanwhile wins.
    same = AlertRecipient.objects.filter(pk=recipient.pk, sealed_secret=recipient.sealed_secret)
    return same.update(sealed_secret=vault.seal(secret, **place)) == 1


def recipient_tested(notice: AlertNotice, error: str) -> None:
    """Write down how a test went."""
    sent_at = None if error else timezone.now()
    AlertNotice.objects.filter(pk=notice.pk).update(sent_at=sent_at, error=error, due_at=None)
