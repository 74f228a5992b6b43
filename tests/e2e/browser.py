"""Which browser is there, and how it is started."""

from __future__ import annotations

import os
import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Chromium's sandbox refuses to run as root, as in a container.
LAUNCH: dict[str, Any] = {"args": ["--no-sandbox"] if os.geteuid() == 0 else []}


def chromium_find() -> str | None:
    """Return the path of an installed Chromium or Chrome, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)
