"""What there is to know of second factors."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from chatsite.factor.models import Authenticator, FactorRule, RecoveryCode


def authenticator_of(user: User) -> Authenticator | None:
    """Return somebody's authenticator app, if they have set one up."""
    return Authenticator.objects.filter(user_id=user.pk).first()


def codes_left(user: User) -> int:
    """Return how many of somebody's recovery codes are not used."""
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()


def is_required(user: User) -> bool:
    """Return whether one of somebody's roles needs a second factor."""
    roles = Q(groups__user=user.pk)
    if user.is_superuser:
        roles |= Q(for_superusers=True)
    return FactorRule.objects.filter(roles).exists()


def people_bare() -> QuerySet[User]:
    """Return who can log in with a password alone."""
    has = Exists(Authenticator.objects.filter(user=OuterRef("pk")))
    return User.objects.filter(~has, is_active=True, is_staff=True)
