"""``python -m gateway.sandbox --port 8401`` runs the sandbox until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import sys

from gateway.sandbox.server import Pace, start


async def _serve(host: str, port: int, pace: Pace) -> None:
    sandbox = await start(host, port, pace=pace)
    sys.stdout.write(f"The sandbox answers at {sandbox.url} to keys that begin with sandbox-\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await sandbox.stop()


def main() -> None:
    """Run the sandbox alone."""
    usual = Pace()
    parser = argparse.ArgumentParser(prog="python -m gateway.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8401)
    parser.add_argument("--first-seconds", type=float, default=usual.first_seconds)
    parser.add_argument("--word-seconds", type=float, default=usual.word_seconds)
    options = parser.parse_args()
    pace = Pace(options.first_seconds, options.word_seconds)
    try:
        asyncio.run(_serve(options.host, options.port, pace))
    except OSError as fault:
        parser.exit(1, f"The sandbox cannot listen on port {options.port}: {fault.strerror}\n")
    except KeyboardInterrupt:
        parser.exit(0)


if __name__ == "__main__":
    main()
