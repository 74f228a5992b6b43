"""What people do with second factors; nothing else writes them, and each deed is noted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from chatsite.factor import codes
from chatsite.factor.errors import (
    FactorError,
    UnreadableError,
    WaitingError,
    WrongCodeError,
    WrongRecoveryError,
)
from chatsite.factor.journal import NOWHERE, Origin, note
from chatsite.factor.models import Authenticator, FactorDeed, FactorRule, RecoveryCode
from gateway import vault
from gateway.sealed import Sealed

RULE = 1  # the one row there is


def secret_place(user_pk: int) -> vault.Place:
    """Return where an authenticator's secret belongs: to one person, and it is sent nowhere."""
    return vault.Place(purpose="totp", owner=f"user:{user_pk}", host="")


@sensitive_variables()
def factor_set_up(*, user: User, secret: str, code: str, origin: Origin = NOWHERE) -> list[str]:
    """Take an app in once it shows the right code, and return new recovery codes.

    An app that was there before is no good any more, and neither are its recovery codes.

    Raises:
        WrongCodeError: The app shows another code: it has another secret, or its clock is wrong.
        VaultError: There is no usable master key.
    """
    now = timezone.now()
    step = codes.step_match(secret, code, now.timestamp())
    if step is None:
        raise WrongCodeError
    sealed = vault.seal(secret, **secret_place(user.pk))
    with transaction.atomic():
        # One after the other, so that of a double click the second replaces what the first made.
        User.objects.select_for_update().get(pk=user.pk)
        count, _rows = Authenticator.objects.filter(user=user).delete()
        Authenticator.objects.create(
            user=user, sealed_secret=sealed, confirmed_at=now, last_step=step
        )
        note(FactorDeed.REPLACED if count else FactorDeed.SET_UP, user=user, origin=origin)
        return _codes_make(user)


@sensitive_variables()
def codes_renew(*, user: User, origin: Origin = NOWHERE) -> list[str]:
    """Return new recovery codes; the old ones are no good any more."""
    with transaction.atomic():
        note(FactorDeed.CODES, user=user, origin=origin)
        return _codes_make(user)


@sensitive_variables()
def code_check(*, user: User, code: str, origin: Origin = NOWHERE) -> Authenticator:
    """Take a code of somebody's app, once; a wrong one counts.

    Raises:
        WrongCodeError: It is not the app's, or it was used before.
        WaitingError: There were too many wrong ones; this one was not looked at.
        UnreadableError: The secret does not open.
    """
    found: Authenticator | FactorError
    with transaction.atomic():
        found = _code_checked(user, code, timezone.now())
        if isinstance(found, FactorError):
            is_refused = isinstance(found, WaitingError)
            note(FactorDeed.REFUSED if is_refused else FactorDeed.FAILED, user=user, origin=origin)
    # Outside, so that what was counted stays.
    if isinstance(found, FactorError):
        raise found
    return found


@sensitive_variables()
def recovery_use(*, user: User, code: str, origin: Origin = NOWHERE) -> int:
    """Use up a recovery code and return how many are left.

    It counts however many wrong codes there were: it cannot be guessed, and it is the way in for
    somebody whom a guesser keeps out.

    Raises:
        WrongRecoveryError: It is none of theirs, or it was used before.
    """
    digest = codes.recovery_digest(user.pk, code)
    mine = RecoveryCode.objects.filter(user=user, used_at=None)
    # Conditional, so that of two at once only one counts.
    if mine.filter(digest=digest).update(used_at=timezone.now()) != 1:
        note(FactorDeed.FAILED, user=user, origin=origin)
        raise WrongRecoveryError
    Authenticator.objects.filter(user=user).update(failures=0, failed_at=None)
    return mine.count()


def factor_remove(*, user: User, by: User | None = None, origin: Origin = NOWHERE) -> bool:
    """Take somebody's app and recovery codes away, and return whether there were any.

    Args:
        user: Whose.
        by: Who does it, if it is somebody else; the command line has no name.
        origin: From where.
    """
    deed = FactorDeed.REMOVED if by and by.pk == user.pk else FactorDeed.RESET
    by_name = by.get_username() if by else "manage.py"
    with transaction.atomic():
        count, _rows = Authenticator.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        if count:
            note(deed, user=user, by_name=by_name, origin=origin)
    return bool(count)


@transaction.atomic
def rule_set(
    *,
    groups: Collection[Group],
    for_superusers: bool,
    by: User | None = None,
    origin: Origin = NOWHERE,
) -> None:
    """Say which roles need a second factor; it counts from everybody's next click."""
    rule, _created = FactorRule.objects.update_or_create(
        pk=RULE, defaults={"for_superusers": for_superusers}
    )
    rule.groups.set(groups)
    by_name = by.get_username() if by else "manage.py"
    note(FactorDeed.REQUIRED, by_name=by_name, origin=origin)


@transaction.atomic
def rule_add(*, for_superusers: bool, role: str) -> bool:
    """Have one more role need a second factor, and return whether that is new.

    Args:
        for_superusers: Whether people who may do everything need one from now on, too.
        role: The role's name.
    """
    rule, _created = FactorRule.objects.get_or_create(pk=RULE)
    groups = Group.objects.filter(name=role)
    is_known = rule.for_superusers >= for_superusers and rule.groups.filter(name=role).exists()
    if not is_known:
        all_superusers = rule.for_superusers or for_superusers
        rule_set(groups=[*rule.groups.all(), *groups], for_superusers=all_superusers)
    return not is_known


def secrets_kept() -> Iterator[Sealed]:
    """Return every authenticator's secret, for those who prove and reseal them all."""
    for row in Authenticator.objects.select_related("user").order_by("pk"):
        yield Sealed(
            name=f"second factor of {row.user.get_username()}",
            sealed=row.sealed_secret,
            place=secret_place(row.user.pk),
            reseal=partial(_reseal, row),
        )


@sensitive_variables()
def _codes_make(user: User) -> list[str]:
    made = codes.recovery_make()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=codes.recovery_digest(user.pk, code)) for code in made
    )
    return made


@sensitive_variables()
def _code_checked(user: User, code: str, now: datetime) -> Authenticator | FactorError:
    """Look at a code while nobody else looks at one of the same person."""
    row = Authenticator.objects.select_for_update().filter(user=user).first()
    if row is None:
        return WrongCodeError()
    if row.failed_at and (wait := _wait(row, now)) > timedelta(0):
        return WaitingError(wait)
    try:
        secret = vault.unseal(row.sealed_secret, **secret_place(user.pk))
    except vault.VaultError:
        return UnreadableError()
    mine = Authenticator.objects.filter(pk=row.pk)
    step = codes.step_match(secret, code, now.timestamp())
    if step is None or step <= row.last_step:
        mine.update(failures=F("failures") + 1, failed_at=now)
        return WrongCodeError()
    mine.update(last_step=step, failures=0, failed_at=None)
    return row


def _wait(row: Authenticator, now: datetime) -> timedelta:
    return (row.failed_at or now) + codes.wait_after(row.failures) - now


@sensitive_variables()
def _reseal(row: Authenticator) -> bool:
    if vault.is_current(row.sealed_secret):
        return False
    place = secret_place(row.user.pk)
    secret = vault.unseal(row.sealed_secret, **place)
    # Conditional, so that one who replaces it meanwhile wins.
    same = Authenticator.objects.filter(pk=row.pk, sealed_secret=row.sealed_secret)
    return same.update(sealed_secret=vault.seal(secret, **place)) == 1
