"""``manage.py customer export|erase``: a customer's request, answered by whoever runs the site."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing, nullcontext
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError

from conversations.chat.runs import runs, runs_drain
from conversations.models import Customer
from conversations.privacy.customers import (
    Forgotten,
    Kept,
    customer_forget,
    customer_hand_out,
    customer_kept,
    customers_found,
)
from conversations.privacy.traces import sweep


class Command(BaseCommand):
    """Does what the admin's page of a customer does, and is noted in the same log."""

    help = "Export or erase all that is kept of one customer whom a website vouches for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        export = deeds.add_parser("export", help="write all of it as JSON Lines")
        export.add_argument("--file", type=Path, help="where to; stdout if not given")
        export.add_argument("--notes", action="store_true", help="with what staff wrote")
        erase = deeds.add_parser("erase", help="erase all of it, for good")
        erase.add_argument("--no-input", action="store_true", help="do not ask before")
        for deed in (export, erase):
            deed.add_argument(
                "customer",
                help="the whole id at the website, the whole e-mail address that the website "
                "vouches for, or the id that the site itself knows the customer by",
            )
            deed.add_argument("--dry-run", action="store_true", help="say how much, do nothing")

    def handle(self, **options: object) -> None:
        customer = _customer(str(options["customer"]))
        kept = customer_kept(customer)
        self.stderr.write(f"{_named(customer)}: {_counted(kept)}")
        match options:
            case {"dry_run": True}:
                return
            case {"deed": "export", "file": file, "notes": bool(has_notes)}:
                with _opened(file if isinstance(file, Path) else None) as target:
                    parts = customer_hand_out(customer, by=None, has_notes=has_notes)
                    async_to_sync(_write)(parts, target)
            case {"no_input": bool(is_sure)}:
                if not is_sure:
                    _ask(kept.conversations - kept.held)
                forgotten = async_to_sync(_erase)(customer.pk)
                self.stderr.write(_told(forgotten))


def _customer(wanted: str) -> Customer:
    """Return the one whom the command names.

    Raises:
        CommandError: There is none, or more than one.
    """
    found = list(customers_found(wanted).select_related("widget")[:20]) or _known_here(wanted)
    if not found:
        raise CommandError(
            "There is no such customer. They are found by the whole id at the website, or by the "
            "whole e-mail address that the website vouches for."
        )
    if len(found) > 1:
        several = "\n".join(f"  {row.pk}  {_named(row)}" for row in found)
        raise CommandError(f"That is more than one. Name one by the id before it:\n{several}")
    return found[0]


def _known_here(wanted: str) -> list[Customer]:
    try:
        pk = UUID(wanted.strip())
    except ValueError:
        return []
    return list(Customer.objects.select_related("widget").filter(pk=pk))


def _named(customer: Customer) -> str:
    # Quoted as Python does: what a website says of somebody does nothing in a terminal.
    return f"{customer.external_id!r} of {customer.widget.name!r}"


def _counted(kept: Kept) -> str:
    held = f", {kept.held} of them on hold" if kept.held else ""
    return (
        f"{kept.conversations} conversations{held}; "
        f"{kept.messages} messages, {kept.ratings} ratings, {kept.notes} notes."
    )


def _ask(wanted: int) -> None:
    typed = input(f"How many conversations does this erase for good? Type the number ({wanted}): ")
    if typed.strip() != str(wanted):
        raise CommandError("That is not the number. Nothing was erased.")


def _told(forgotten: Forgotten) -> str:
    if forgotten.is_gone:
        return f"Erased {forgotten.conversations} conversations and the customer."
    return (
        f"Erased {forgotten.conversations} conversations. {forgotten.held} stay, and with them who "
        "the customer is: they are on hold, or were being written."
    )


def _opened(path: Path | None) -> AbstractContextManager[BinaryIO]:
    """Return where to write: a new file that nobody else may read, or stdout."""
    if path is None:
        return nullcontext(sys.stdout.buffer)
    try:
        return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")  # noqa: PTH123 - of a descriptor
    except OSError as fault:
        raise CommandError(str(fault)) from fault


async def _write(parts: AsyncGenerator[bytes, None], target: BinaryIO) -> None:
    async with aclosing(parts):  # whatever happens, the deed has its end
        async for part in parts:
            try:
                target.write(part)
            except OSError as fault:
                raise CommandError(f"Not all of it was written: {fault}") from fault


async def _erase(customer: UUID) -> Forgotten:
    try:
        forgotten = await customer_forget(customer, runs(), by=None)
        await sweep()
    finally:
        await runs_drain(0)
    return forgotten
