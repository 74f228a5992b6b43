"""``manage.py demo``: everything on one machine, with a sample shop; ``make demo`` calls it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from chatsite.checks import check_master_keys
from chatsite.demo.seed import seed
from chatsite.demo.traffic import traffic
from chatsite.lifespan import site_lifespan
from chatsite.serving import port_prove, site_serve
from gateway.bootstrap import bootstrap, sandbox_furnish
from gateway.db import db
from gateway.sandbox import server as sandbox
from gateway.selectors import SANDBOX, default_route, provider_address

HOST = "127.0.0.1"


def answers_source() -> str:
    """Say where answers come from: what the database says, which may know better than ``.env``."""
    route = default_route()
    if not route or route[0].provider == SANDBOX:
        return (
            "Answers come from the sandbox, which knows nothing but the shop's prompt. For a\n"
            "real model, put OPENAI_API_KEY into .env and start again."
        )
    return f"Answers come from {provider_address(route[0].provider)} ({route[0].model})."


class Command(BaseCommand):
    """Prepares, seeds and serves; running it again keeps the data."""

    help = "Serves the site with a sample shop, and a stand-in provider where there is no key."

    def handle(self, **_options: Any) -> None:
        port_prove(HOST, settings.PORT, f"Try: make demo PORT={settings.PORT + 1}")
        self._address_prove()
        for problem in check_master_keys():
            raise CommandError(f"{problem.msg} Without .env, make demo writes a good one.")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database cannot be opened: {error}".strip()) from None
        call_command("collectstatic", verbosity=0, interactive=False)
        self._mail_prepare()
        # Before anything can fail that comes later: they are shown this once.
        self._accounts(seed())

        @asynccontextmanager
        async def lifespan() -> AsyncGenerator[None, None]:
            async with AsyncExitStack() as stack:
                url = None
                if not settings.OPENAI_API_KEY and not settings.SANDBOX_URL:
                    stand_in = await sandbox.start()
                    stack.push_async_callback(stand_in.stop)
                    url = stand_in.url
                await db.write(bootstrap, sandbox_url=url)
                await stack.enter_async_context(site_lifespan())
                if settings.DEMO_TRAFFIC:
                    await db.write(sandbox_furnish)
                    await stack.enter_async_context(traffic())
                self._welcome(await db(answers_source))
                yield

        site_serve(lifespan, host=HOST, port=settings.PORT)
        self.stdout.write("Stopped. Your data is kept; make demo starts it again.")

    def _address_prove(self) -> None:
        site = urlsplit(settings.SITE_URL)
        if site.scheme != "http" or site.port != settings.PORT:
            raise CommandError(
                f"SITE_URL is {settings.SITE_URL}, but the demo is at http://{HOST}:"
                f"{settings.PORT}. Take SITE_URL out of .env, or run manage.py serve."
            )

    def _mail_prepare(self) -> None:
        """Have mails written into a folder where nothing else is set: a demo sends none."""
        if not settings.EMAIL_URL:
            settings.EMAIL_URL = "filemail:"
            settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
            settings.EMAIL_FILE_PATH = str(self._mail_folder())

    def _mail_folder(self) -> Path:
        """Return ``var/mail`` beside the database, or beside the code for one on a server."""
        database = settings.DATABASES["default"]
        is_file = database["ENGINE"].endswith("sqlite3")
        beside = Path(database["NAME"]).parent if is_file else settings.BASE_DIR
        return beside / "var" / "mail"

    def _accounts(self, passwords: Mapping[str, str]) -> None:
        if passwords:
            self._say(
                "Sign in to the admin as one of these. Their passwords are shown this once:",
                "",
                *(f"  {name:<9} {word}" for name, word in passwords.items()),
            )
        else:
            self._say(
                "Accounts: support, editor, operator. A password is lost? Set another with",
                "  .venv/bin/python manage.py changepassword support",
            )

    def _welcome(self, source: str) -> None:
        folder = getattr(settings, "EMAIL_FILE_PATH", None)
        self._say(
            self.style.MIGRATE_HEADING("Harbour & Pine is open."),
            "",
            f"  Shop    {settings.SITE_URL}/",
            f"  Admin   {settings.SITE_URL}/admin/",
            "",
            *([f"E-mails land in {folder}"] if folder else []),
            source,
            "Ctrl-C stops it.",
        )

    def _say(self, *lines: str) -> None:
        self.stdout.write("\n".join(("", *lines, "")))
        self.stdout.flush()
