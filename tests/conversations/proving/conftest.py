from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from conversations.models import PromptCaseRun, PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent
from conversations.prompts.services import draft_save, version_to_edit
from conversations.proving.ledger import run_begin
from conversations.proving.runner import Runner
from conversations.proving.selectors import RunReport, run_report
from conversations.proving.services import CaseContent, case_create
from gateway.db import db
from gateway.runtime import gateway_close
from gateway.services import key_add, provider_create

LIVE = "Q: When do you open?\nA: At nine.\n\nQ: Do you sell tea?\nA: Green tea."


class Judge:
    """A provider that speaks the real protocol and says what it is told to.

    Attributes:
        answers: What it says as an assistant.
        says: What it says as a judge; ``{token}`` is the token it was given.
        reason: Why it stopped speaking.
        heard: The prompts that came.
    """

    def __init__(self) -> None:
        self.says = "{token} YES It is kind."
        self.answers = "We open at nine."
        self.reason = "stop"
        self.heard: list[list[dict[str, str]]] = []

    async def answer(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.heard.append(asked["messages"])
        rules = asked["messages"][0]["content"]
        token = next((word for word in rules.split() if word.startswith("VERDICT-")), "")
        text = self.says.format(token=token) if token else self.answers
        body = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": asked["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": self.reason,
                }
            ],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
        if not asked.get("stream"):
            return web.json_response(body)
        piece = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": self.reason}]}
        lines = [json.dumps(piece), json.dumps(last | {"usage": body["usage"]}), "[DONE]"]
        events = "".join(f"data: {line}\n\n" for line in lines)
        return web.Response(text=events, content_type="text/event-stream")


@pytest.fixture
async def judge(transactional_db: None) -> AsyncIterator[Judge]:
    """The only provider of the site, over real HTTP."""
    judge = Judge()
    application = web.Application()
    application.router.add_post("/v1/chat/completions", judge.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    await db.write(_provider_make, f"http://127.0.0.1:{port}/v1")
    yield judge
    await gateway_close()
    await runner.cleanup()


def _provider_make(url: str) -> None:
    provider = provider_create(
        slug="acme", name="Acme", base_url=url, default_model="m", is_private=True
    )
    key_add(provider=provider, label="test", secret="sk-judge-0123456789")


@pytest.fixture
def template(live_version: PromptVersion) -> PromptTemplate:
    """A template whose draft opens an hour later than what is live."""
    template = live_version.template
    template.refresh_from_db()
    draft_save(
        template=template,
        content=PromptContent(instructions="Q: When do you open?\nA: At ten o'clock."),
        seen=live_version.changed_at,
    )
    return template


def case_make(
    template: PromptTemplate, name: str = "Hours", *checks: tuple[str, str], **more: object
) -> int:
    """Return the key of a new case that asks when the shop opens."""
    content = CaseContent(
        name=name,
        turns=[{"author": "customer", "text": str(more.pop("question", "When do you open?"))}],
        checks=[
            {"kind": kind, "text": text} for kind, text in checks or (("contains", "at nine"),)
        ],
        **more,  # type: ignore[arg-type]  # as given
    )
    return case_create(template=template, content=content).pk


def draft_write(template: PromptTemplate, text: str) -> PromptVersion:
    """Save other words as the draft."""
    base = version_to_edit(template)
    return draft_save(
        template=template,
        content=PromptContent(instructions=text),
        seen=base.changed_at if base else None,
    )


async def ran(template: PromptTemplate) -> tuple[PromptCaseRun, RunReport]:
    plan = await db.write(lambda: run_begin(template=template))
    async with asyncio.timeout(60):
        await Runner().start(plan)
    return await db(_seen, plan.run)


def _seen(pk: int) -> tuple[PromptCaseRun, RunReport]:
    run = PromptCaseRun.objects.get(pk=pk)
    return run, run_report(run)
