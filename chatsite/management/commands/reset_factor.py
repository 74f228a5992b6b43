"""``manage.py reset_factor``: the way in for somebody who lost device and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from chatsite.factor.selectors import is_required
from chatsite.factor.services import factor_remove


class Command(BaseCommand):
    """Takes a person's second factor away; their password stays what it is."""

    help = "Takes somebody's authenticator app and recovery codes away, so that they can log in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what they log in with")

    def handle(self, **options: Any) -> None:
        name = options["name"]
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"Nobody is called {name}.")
        if not factor_remove(user=user):
            self.stdout.write(f"{name} has no second factor.")
            return
        then = "They set up a new one when they log in." if is_required(user) else ""
        self.stdout.write(f"{name} can log in with their password alone. {then}".strip())
