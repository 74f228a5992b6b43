"""``serve`` and ``demo`` as people start them: a process of its own, told by its last line."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management.base import CommandError
from pytest_django import Settings

from chatsite import serving
from chatsite.management.commands.demo import answers_source
from gateway.services import provider_create
from tests.chatsite.started import WAIT, manage


async def test_the_demo_finishes_an_answer_before_it_ends(tmp_path: Path) -> None:
    async with manage("demo", database=tmp_path / "db") as demo, aiohttp.ClientSession() as http:
        await demo.heard("Ctrl-C")
        shop = await (await http.get(f"{demo.url}/")).text()
        key = re.findall(r'data-widget="([^"]+)"', shop)[0]
        origin = {"Origin": demo.url}
        async with http.ws_connect(f"{demo.url}/ws/chat/{key}/", headers=origin) as chat:
            await chat.send_json(
                {
                    "type": "hello",
                    "protocol": 1,
                    "token": None,
                    "conversation": "new",
                    "revision": 0,
                    "cursor": None,
                }
            )
            question = {"type": "send", "id": str(uuid.uuid4()), "text": "How do I return it?"}
            await chat.send_json(question)
            async for message in chat:
                if json.loads(message.data)["type"] == "reply.delta":
                    break
            demo.process.send_signal(signal.SIGTERM)
            async for _ in chat:
                pass
            assert chat.close_code == 1012
        assert await demo.ended() == 0
        assert "Traceback" not in "".join(demo.said)
        with closing(sqlite3.connect(demo.database)) as database:
            ((status, text),) = database.execute(
                "SELECT status, text FROM conversations_reply r"
                " JOIN conversations_message m ON m.id = r.message_id"
            )
        assert status == "complete"
        assert text.endswith("Returns within Europe are free.")


async def test_the_demo_keeps_its_data_and_tells_no_password_twice(tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        async with manage("demo", database=tmp_path / "db") as demo:
            await demo.heard("Ctrl-C")
            demo.process.send_signal(signal.SIGINT)
            assert await demo.ended() == 0
            told.append(
                re.findall(r"^  (support|editor|operator) ", "".join(demo.said), re.MULTILINE)
            )
    assert told == [["support", "editor", "operator"], []]


async def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        async with manage("demo", database=tmp_path / "db", PORT=str(port)) as demo:
            assert await demo.ended() == 1
    assert len(demo.said) == 1
    assert f"Port {port} on 127.0.0.1 is not free" in demo.said[0]
    assert f"make demo PORT={port + 1}" in demo.said[0]


async def test_a_broken_env_file_is_one_clear_line(tmp_path: Path) -> None:
    broken = tmp_path / ".env"
    broken.write_text("DEBUG=0\nSECRET_KEY hunter2\n")
    async with manage("serve", database=tmp_path / "db", ENV_FILE=str(broken)) as site:
        assert await site.ended() == 1
    assert len(site.said) == 1
    assert ".env, line 2" in site.said[0]
    assert "hunter2" not in site.said[0]


async def test_an_address_that_is_not_the_demos_is_one_clear_line(tmp_path: Path) -> None:
    database = tmp_path / "db"
    async with manage("demo", database=database, SITE_URL="http://127.0.0.1:1") as demo:
        assert await demo.ended() == 1
    assert len(demo.said) == 1
    assert "SITE_URL is http://127.0.0.1:1" in demo.said[0]


async def test_the_demo_needs_a_master_key(tmp_path: Path) -> None:
    async with manage("demo", database=tmp_path / "db", MASTER_KEYS="half") as demo:
        assert await demo.ended() == 1
    assert demo.said[-1].startswith("CommandError: Key 1 of MASTER_KEYS is not 32 bytes")
    assert "Traceback" not in "".join(demo.said)


async def test_a_database_that_cannot_be_opened_is_one_clear_line(tmp_path: Path) -> None:
    async with manage("demo", database=tmp_path / "no such folder" / "db") as demo:
        assert await demo.ended() == 1
    assert len(demo.said) == 1
    assert demo.said[0].startswith("CommandError: The database cannot be opened: ")


@pytest.mark.django_db
def test_the_demo_says_who_answers_and_not_what_the_environment_wishes(settings: Settings) -> None:
    settings.OPENAI_MODEL, settings.OPENAI_BASE_URL = "later", "https://later.example/v1"
    assert "the sandbox" in answers_source()
    provider_create(
        slug="openai", name="OpenAI", base_url="https://first.example/v1", default_model="gpt"
    )
    assert answers_source() == "Answers come from https://first.example/v1 (gpt)."


async def test_serve_asks_for_the_tables_it_needs(tmp_path: Path) -> None:
    async with manage("serve", database=tmp_path / "db") as site:
        assert await site.ended() == 1
    assert "CommandError: The database is behind the code. Run: manage.py migrate" in site.said[-1]


async def test_serve_listens_on_a_unix_socket_and_starts_without_a_master_key(
    tmp_path: Path,
) -> None:
    database, path = tmp_path / "db", tmp_path / "socket"
    async with manage("demo", database=database) as demo:  # migrates, and collects static files
        await demo.heard("Ctrl-C")
    keyless = {"MASTER_KEYS": "", "OPENAI_API_KEY": "sk-no-key-at-all"}
    command = ("serve", "--unix-socket", str(path))
    async with manage(*command, database=database, **keyless) as site:
        await site.heard("No provider can be called")
        connector = aiohttp.UnixConnector(str(path))
        async with aiohttp.ClientSession(connector=connector) as http:
            async with asyncio.timeout(WAIT):
                while not path.exists():
                    await asyncio.sleep(0.05)
            async with http.get("http://chatsite/readyz") as answer:
                assert answer.status == 200
        site.process.terminate()
        assert await site.ended() == 0


def test_serve_asks_for_the_static_files_it_needs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, db: None
) -> None:
    settings.STATIC_ROOT = tmp_path
    storage = ManifestStaticFilesStorage(location=tmp_path)
    monkeypatch.setattr(serving, "staticfiles_storage", storage)
    with pytest.raises(CommandError, match="collectstatic"):
        serving.site_prove()
    (tmp_path / "staticfiles.json").touch()
    serving.site_prove()
