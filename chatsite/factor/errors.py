"""What can keep somebody from passing, each with a code and a sentence for them.

FactorError
├── WrongCodeError    the app shows no such code, or it was used
│   └── WrongRecoveryError    the same of a recovery code
├── WaitingError      too many wrong codes: none of the app counts for a while
└── UnreadableError   the secret does not open: the master keys have changed
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class FactorError(Exception):
    """A second factor was not accepted."""

    code = "factor"

    @property
    def text(self) -> str:
        """A sentence for the person."""
        return _("This did not work.")


class WrongCodeError(FactorError):
    """The code is not the app's, or it was used before."""

    code = "factor_wrong"

    @property
    def text(self) -> str:
        """A sentence for the person."""
        return _(
            "This code is not right, or it was used already. Type the next one; if that is "
            "refused as well, set your device's clock."
        )


class WrongRecoveryError(WrongCodeError):
    """There is no such recovery code, or no more."""

    @property
    def text(self) -> str:
        """A sentence for the person."""
        return _("This is none of your recovery codes, or it was used already.")


class WaitingError(FactorError):
    """There were too many wrong codes.

    Args:
        wait: How long it lasts.
    """

    code = "factor_waiting"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(self.code)
        self.wait = wait

    @property
    def text(self) -> str:
        """A sentence for the person."""
        minutes = max(1, ceil(self.wait.total_seconds() / 60))
        return ngettext(
            "Too many wrong codes. The app's next one counts in %(count)d minute; a recovery "
            "code counts at once.",
            "Too many wrong codes. The app's next one counts in %(count)d minutes; a recovery "
            "code counts at once.",
            minutes,
        ) % {"count": minutes}


class UnreadableError(FactorError):
    """The secret does not open under the master keys there are."""

    code = "factor_unreadable"

    @property
    def text(self) -> str:
        """A sentence for the person."""
        return _("Codes of your app cannot be checked at the moment. Use a recovery code.")
