"""``manage.py ask "question"``: the operator's first look when something is wrong."""

from __future__ import annotations

import asyncio
import time
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from gateway.engine.errors import GatewayError
from gateway.engine.types import ChatMessage, ChatRequest, Role, Started, Target, TextDelta
from gateway.runtime import gateway, gateway_close
from gateway.selectors import CallSummary, calls_for_reply, default_route

LABEL = "ask"


class Command(BaseCommand):
    """Streams one answer into the terminal, and says how it came about."""

    help = "Ask one question through the gateway; shows timings, attempts and the key."
    requires_system_checks = ()  # it is asked when something is wrong

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--system", default="", help="instructions for the model")
        parser.add_argument("--to", metavar="PROVIDER/MODEL", help="instead of the default route")

    def handle(self, *_: str, **options: Any) -> None:
        try:
            failure = self._handle(options)
        except DatabaseError as fault:
            raise CommandError(f"The database does not answer: {fault}") from fault
        if failure:
            raise CommandError(failure)

    def _handle(self, options: dict[str, Any]) -> str:
        messages = [ChatMessage(Role.USER, options["question"])]
        if options["system"]:
            messages.insert(0, ChatMessage(Role.SYSTEM, options["system"]))
        route = self._route(options["to"])
        reply = uuid.uuid4().hex
        request = ChatRequest(
            messages=tuple(messages),
            route=route,
            labels={"conversation": LABEL, "reply": reply},
        )
        failure = asyncio.run(self._ask(request))
        for call in calls_for_reply(conversation=LABEL, reply=reply):
            self._tell(call)
        return failure

    def _route(self, target: str | None) -> tuple[Target, ...]:
        if target:
            provider, slash, model = target.partition("/")
            if not slash:
                raise CommandError("--to takes a provider and a model, as in openai/gpt-4.1-mini.")
            return (Target(provider, model),)
        route = default_route()
        if not route:
            raise CommandError("There is no provider yet. Add one in the admin, or run the demo.")
        return route

    async def _ask(self, request: ChatRequest) -> str:
        """Write the answer out; return what went wrong, or nothing."""
        began = time.monotonic()
        try:
            async for chunk in (await gateway()).stream(request):
                match chunk:
                    case Started(target, key_label, _):
                        waited = time.monotonic() - began
                        self.stderr.write(
                            f"{target.provider}/{target.model} with key {key_label}, "
                            f"after {waited:.2f} s\n"
                        )
                    case TextDelta(text):
                        self.stdout.write(text, ending="")
                        self.stdout.flush()
        except GatewayError as error:
            return f"{error.code}: {error.detail or 'no answer came'}"
        finally:
            self.stdout.write("")
            await gateway_close()
        return ""

    def _tell(self, call: CallSummary) -> None:
        for number, attempt in enumerate(call.attempts, start=1):
            went = attempt["error"] or "answered"
            status = f" ({attempt['status']})" if attempt["status"] else ""
            self.stderr.write(
                f"attempt {number}: {attempt['provider']}/{attempt['model']}, "
                f"key {attempt['key']}, waited {attempt['wait_ms']} ms, "
                f"took {attempt['took_ms']} ms: {went}{status}"
            )
        first = "no word" if call.first_token_ms is None else f"first word {call.first_token_ms} ms"
        self.stderr.write(
            f"{call.outcome}: {first}, total {call.total_ms} ms, tokens "
            f"{_known(call.prompt_tokens)} in and {_known(call.completion_tokens)} out, "
            f"cost {_known(call.cost)} {call.currency}".rstrip()
        )


def _known(figure: object) -> str:
    return "unknown" if figure is None else str(figure)
