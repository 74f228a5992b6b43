"""All checks in their order, each only where what it stands on is sound."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from chatsite.doctor import ground, providers, redis, settings, staff, storage, way
from chatsite.doctor.finding import Finding, Grade, wrong

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at.

    Args:
        name: What it is called on the command line.
        look: Looks, and yields what was found.
        needs: Checks that must not have found anything wrong.
    """

    name: str
    look: Callable[[], Iterable[Finding]]
    needs: tuple[str, ...] = ()


TABLES = ("database", "migrations")

CHECKS = (
    Check("settings", settings.settings_check),
    Check("database", storage.database_check),
    Check("migrations", storage.migrations_check, ("database",)),
    Check("clock", storage.clock_check, ("database",)),
    Check("disk", ground.disk_check),
    Check("files", ground.files_check),
    Check("static", ground.static_check),
    Check("redis", redis.redis_check),
    Check("processes", ground.processes_check, TABLES),
    Check("secrets", providers.secrets_check, TABLES),
    Check("providers", providers.providers_check, TABLES),
    Check("keys", providers.keys_check, TABLES),
    Check("widgets", staff.widgets_check, TABLES),
    Check("staff", staff.staff_check, TABLES),
    Check("site", way.site_check),
    Check("websocket", way.websocket_check, (*TABLES, "site")),
)


def examine(
    checks: Iterable[Check] = CHECKS, *, skip: Collection[str] = ()
) -> Iterator[tuple[str, Finding]]:
    """Yield each check's name with what it has found, as soon as it has.

    A check that breaks off is a finding like any other: what it says of itself could hold a
    password, so only its kind is told.

    Args:
        checks: What to look at, in this order.
        skip: Names of checks that are left out.
    """
    bad: set[str] = set()
    for check in checks:
        if check.name in skip:
            continue
        if missing := [need for need in check.needs if need in bad]:
            bad.add(check.name)
            words = f"Not looked at: first {' and '.join(missing)} must be well."
            yield check.name, Finding(Grade.SKIPPED, words)
            continue
        try:
            for finding in check.look():
                if finding.grade is Grade.WRONG:
                    bad.add(check.name)
                yield check.name, finding
        except Exception as error:
            logger.debug("The check %s broke off", check.name, exc_info=True)
            bad.add(check.name)
            yield check.name, wrong(f"This could not be looked at ({type(error).__name__}).")
