"""The site's settings, made fit for tests: secrets of their own, cheap passwords, no ``.env``."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "tests-only-" + "0123456789" * 5
os.environ["MASTER_KEYS"] = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
os.environ["DEBUG"] = "0"
os.environ["SITE_URL"] = "http://127.0.0.1:8000"
os.environ["REDIS_URL"] = ""
os.environ["OPENAI_API_KEY"] = ""
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or "sqlite:///test-unused.sqlite3"

from chatsite.settings import *  # noqa: F403
from chatsite.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True  # nothing is collected for tests: look for files when asked

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: the threads behind db() must see one database.
    # ``tests/conftest.py`` names the file.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;"
    )
