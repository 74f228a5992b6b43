"""``manage.py operator``: somebody who may do everything in the admin, the first of all."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from chatsite import roles
from chatsite.factor.services import rule_add
from chatsite.setup.trials import password_try

PASSWORD = "OPERATOR_PASSWORD"  # noqa: S105 - the variable's name


class Command(BaseCommand):
    """Adds an operator; repeating it changes nothing, so that a deployment may."""

    help = f"Adds an operator who may add others; the password is in {PASSWORD} or asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what they log in with")
        parser.add_argument("--email", default="", help="their address")
        parser.add_argument(
            "--second-factor",
            action="store_true",
            help="have whoever may do everything set up an authenticator app",
        )

    @sensitive_variables("password")
    def handle(self, **options: Any) -> None:
        name = options["name"]
        if User.objects.filter(username=name).exists():
            self.stdout.write(f"{name} is there already, and stays as they are.")
            self._require(options)
            return
        password = os.environ.get(PASSWORD) or self._asked(name)
        if problem := password_try(name, password):
            raise CommandError(problem)
        operator_add(name=name, email=options["email"], password=password)
        self.stdout.write(f"{name} can log in, and add others under People.")
        self._require(options)

    def _require(self, options: Mapping[str, Any]) -> None:
        if options["second_factor"] and rule_add(for_superusers=True, role=roles.OPERATORS):
            self.stdout.write("Operators set up a second factor when they log in.")

    def _asked(self, name: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(f"Set {PASSWORD}, or run this at a terminal.")
        return getpass(f"Password for {name}: ")


@sensitive_variables("password")
@transaction.atomic
def operator_add(*, name: str, email: str, password: str) -> User:
    """Add somebody who may do everything, in the operators' role."""
    roles.roles_ensure()
    user = User.objects.create_superuser(username=name, email=email, password=password)
    user.groups.add(Group.objects.get(name=roles.OPERATORS))
    return user
