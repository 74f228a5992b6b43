#!/usr/bin/env python
"""The command line of Chatsite."""

import os
import sys


def main() -> None:
    """Run one management command; a setting that makes no sense is one line, no traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Chatsite cannot start: {error}")


if __name__ == "__main__":
    main()
