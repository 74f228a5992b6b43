"""What a turn costs in a long conversation: ``python -m bench.history``.

Every customer has a conversation of 20 messages, then one of 2,000; server CPU per turn should
be the same within a fifth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path
from statistics import median

from bench.chat import SETTLE_SECONDS
from bench.crowd import ask_all, connect_all, crowd_http
from bench.stages import provider, site
from tests.chaos.site import manage

SIZES = (20, 2_000)
TURNS = 5
# Run by manage.py shell: makes every conversation as long as it should be.
FILL = """
from conversations.models import *
for conversation in Conversation.objects.all():
    def message(position, **more):
        return Message(
            conversation=conversation, position=position, revision=conversation.revision,
            text="A parcel that was sent on Monday is there on Thursday at the latest. " * 4, **more
        )
    first = conversation.message_count + 1
    questions = [message(n, author=Author.CUSTOMER) for n in range(first, {size}, 2)]
    answers = [message(one.position + 1, author=Author.ASSISTANT) for one in questions]
    Message.objects.bulk_create(questions + answers, batch_size=500)
    Reply.objects.bulk_create([
        Reply(
            message=answer, question=question, prompt_version=conversation.prompt_version,
            status=ReplyStatus.COMPLETE, attempt=1,
        )
        for question, answer in zip(questions, answers)
    ], batch_size=500)
    Conversation.objects.filter(pk=conversation.pk).update(message_count={size})
"""


async def cost_ms(folder: Path, provider_url: str, size: int, customers: int) -> float:
    """Return the median over some turns of server CPU per turn, in milliseconds."""
    async with site(folder, provider_url) as stage, crowd_http() as http:
        crowd = stage.customers(http, customers)
        await connect_all(crowd)
        await ask_all(crowd)
        fill = FILL.format(size=size)
        await asyncio.to_thread(manage, stage.environ, "shell", "-v", "0", "-c", fill)
        costs = []
        for _ in range(TURNS):
            before = stage.cpu_seconds
            await ask_all(crowd)
            await asyncio.sleep(SETTLE_SECONDS)
            costs.append(1000 * (stage.cpu_seconds - before) / customers)
        for customer in crowd:
            await customer.close()
    return median(costs)


async def run(customers: int) -> list[float]:
    """Return what a turn costs in conversations of each size."""
    with tempfile.TemporaryDirectory() as name:
        async with provider(Path(name)) as url:
            return [await cost_ms(Path(name), url, size, customers) for size in SIZES]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--customers", type=int, default=30)
    short, long = asyncio.run(run(parser.parse_args().customers))
    print(
        f"Server CPU per turn: {short:.1f} ms at {SIZES[0]} messages, {long:.1f} ms at "
        f"{SIZES[1]}; ratio {long / short:.2f}; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
