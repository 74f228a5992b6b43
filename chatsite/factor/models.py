"""Who needs a second factor, who has one, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import Group, User
from django.db import models
from django.utils.translation import gettext_lazy as _


class FactorRule(models.Model):
    """For whom a second factor is required: the one row there is, or none.

    Args:
        for_superusers: Whether people who may do everything need one.
        groups: The roles that need one.
    """

    for_superusers = models.BooleanField(_("Everything"), default=False)
    groups = models.ManyToManyField(Group, verbose_name=_("roles"), blank=True)

    class Meta:
        verbose_name = _("requirement of a second factor")
        verbose_name_plural = _("requirement of a second factor")

    def __str__(self) -> str:
        """Return how many roles need one."""
        return f"{self.groups.count()} roles"


class Authenticator(models.Model):
    """A person's authenticator app; its secret is sealed for that person.

    Args:
        last_step: The time step of the last code that was taken: none is taken twice.
        failures: Wrong codes in a row.
        failed_at: When the last of them came.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    sealed_secret = models.TextField(editable=False)
    confirmed_at = models.DateTimeField()
    last_step = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        permissions = (("reset_authenticator", _("Can reset a colleague's second factor")),)

    def __str__(self) -> str:
        """Return whose it is."""
        return f"second factor of user {self.user_id}"


class RecoveryCode(models.Model):
    """What is kept of a recovery code: enough to know it again, too little to tell it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        """Return whose it is, and nothing of it."""
        return f"recovery code of user {self.user_id}"


class FactorDeed(models.TextChoices):
    """What can become of a second factor."""

    PASSED = "passed", _("Code accepted")
    RECOVERED = "recovered", _("Recovery code used")
    FAILED = "failed", _("Wrong code")
    REFUSED = "refused", _("Refused: too many wrong codes")
    SET_UP = "set_up", _("Set up")
    REPLACED = "replaced", _("Device replaced")
    CODES = "codes", _("Recovery codes renewed")
    REMOVED = "removed", _("Removed")
    RESET = "reset", _("Reset by a colleague")
    REQUIRED = "required", _("Requirement changed")


class FactorEvent(models.Model):
    """Something that happened to somebody's second factor; it holds no code.

    Args:
        user: Whose factor; None for the requirement, and once the person is deleted.
        username: Their name at the time.
        by_name: Who did it, if it was somebody else.
        session_hash: By which the login it belongs to is found.
    """

    at = models.DateTimeField(_("when"))
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    username = models.CharField(_("who"), max_length=150, blank=True)
    deed = models.CharField(_("what"), max_length=12, choices=FactorDeed)
    by_name = models.CharField(_("by"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    session_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("second factor event")
        verbose_name_plural = _("second factor events")
        ordering = ("-at", "-pk")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at"], name="factor_event_at"),
            models.Index(fields=["session_hash"], name="factor_event_session"),
        ]
        default_permissions = ("view",)

    def __str__(self) -> str:
        """Return what happened to whom."""
        return f"{self.get_deed_display()}: {self.username}" if self.username else self.deed
