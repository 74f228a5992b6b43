"""Customers whom the company's own website vouches for."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.widget import Widget

EXTERNAL_ID_CHARACTERS = 200
NAME_CHARACTERS = 120
EMAIL_CHARACTERS = 254


class Customer(models.Model):
    """Somebody who is signed in at the website: everything here comes from its signed word.

    What a customer types in a chat, an e-mail address for example, never gets here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    widget = models.ForeignKey(
        Widget, on_delete=models.PROTECT, related_name="customers", verbose_name=_("widget")
    )
    external_id = models.CharField(_("id at the website"), max_length=EXTERNAL_ID_CHARACTERS)
    name = models.CharField(_("name"), max_length=NAME_CHARACTERS, blank=True)
    email = models.CharField(_("e-mail"), max_length=EMAIL_CHARACTERS, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    created_at = models.DateTimeField(_("first seen"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("last signed in"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("-seen_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("widget", "external_id"), name="customer_external_id_unique"
            ),
        )
        permissions = (
            ("export_customer", _("Can export all data of a customer")),
            ("erase_customer", _("Can erase all data of a customer")),
        )

    def __str__(self) -> str:
        return self.name or self.external_id
