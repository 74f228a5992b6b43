"""Every environment variable, read once and typed; ``.env.example`` documents each of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from chatsite.environment import Environment
from chatsite.languages import languages_found

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
# What the process's own environment says wins over the file.
env.read_file(Path(env.str("ENV_FILE", default=f"{BASE_DIR}/.env")))

# --- The site -----------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
# The first key encrypts, all of them decrypt.
MASTER_KEYS = env.list("MASTER_KEYS", default=[])
PORT = env.int("PORT", default=8000)
# Where customers' browsers find us; the one origin that may open our websocket.
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# Whose X-Real-IP and X-Forwarded-Proto count: addresses and networks of our own proxies.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
# How many processes serve the site, over all hosts; more than one need Redis and PostgreSQL.
PROCESSES = env.int("PROCESSES", default=1)

_scheme, _host = urlsplit(SITE_URL)[:2]
SITE_ORIGIN = f"{_scheme}://{_host}"
SITE_IS_SECURE = _scheme == "https"

INSTALLED_APPS = [
    "chatsite.apps.ChatsiteConfig",
    "chatsite.apps.ChatsiteAdminConfig",
    "conversations.apps.ConversationsConfig",
    "gateway.apps.GatewayConfig",
    "chatsite.factor.apps.FactorConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "chatsite.logs.RequestIdMiddleware",
    "chatsite.health.HealthMiddleware",  # early: a probe knows neither our host nor https
    "django.middleware.security.SecurityMiddleware",
    "chatsite.origin.LoopbackMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chatsite.factor.gate.GateMiddleware",  # whoever lacks a second factor is nobody yet
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers for a login that was refused
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses before a password is looked at
    "django.contrib.auth.backends.ModelBackend",
]

# By address alone: whoever counted by name would let strangers lock an operator out.
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_CLIENT_IP_CALLABLE = "chatsite.logins.login_address"
LOGIN_FAILURES = env.int("LOGIN_FAILURES", default=10)
AXES_FAILURE_LIMIT = LOGIN_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says when: that stays true
AXES_LOCKOUT_CALLABLE = "chatsite.logins.login_refuse"
AXES_DISABLE_ACCESS_LOG = False  # chatsite.jobs forgets it after LOGIN_LOG_DAYS
LOGIN_LOG_DAYS = env.int("LOGIN_LOG_DAYS", default=90)
ADDRESS_DAYS = env.int("ADDRESS_DAYS", default=30)
# Of a failure the log tells no name, which may be a password, and no code, which may be right.
AXES_SENSITIVE_PARAMETERS = ["username", "code", "recovery"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- What is kept where -------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")

_database: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/db.sqlite3")
if "sqlite" in _database["ENGINE"]:
    # FULL, not NORMAL: what was acknowledged survives a power cut. ON, not FAST: what was erased
    # is overwritten in free pages, too.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        ),
    }
else:
    # One page of the admin takes one core, not all: next to customers who chat, the workers of a
    # parallel query make it slower (four times, of 100,000 conversations on two busy cores).
    _database.setdefault("OPTIONS", {}).setdefault(
        "options", "-c max_parallel_workers_per_gather=0"
    )
    _database["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 16, "timeout": 10}
DATABASES = {"default": {**_database, "CONN_MAX_AGE": 0}}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Opens /metrics to whoever sends it; empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Where traces and unexpected errors go, each with an extra installed; empty: nowhere.
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
OTEL_EXPORTER_OTLP_HEADERS = env.str("OTEL_EXPORTER_OTLP_HEADERS", default="")
SENTRY_DSN = env.str("SENTRY_DSN", default="")

# How alerts leave by e-mail, as in smtp+tls://user:password@host:587; empty: not at all.
EMAIL_URL = env.str("EMAIL_URL", default="")
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or f"chatsite@{urlsplit(SITE_URL).hostname}"
EMAIL_TIMEOUT = 10
globals().update(env.email_config(EMAIL_URL))

# Made-up customers ask the demo's sandbox, so that its dashboard has something to show.
DEMO_TRAFFIC = env.bool("DEMO_TRAFFIC", default=False)

# --- The gateway --------------------------------------------------------------------------

# With a key the site talks to this provider from its first start; without, to the sandbox.
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1")
OPENAI_MODEL = env.str("OPENAI_MODEL", default="gpt-4.1-mini")
SANDBOX_URL = env.str("SANDBOX_URL", default="")

GATEWAY_CONNECTIONS = env.int("GATEWAY_CONNECTIONS", default=1000)
GATEWAY_IDLE_CONNECTIONS = env.int("GATEWAY_IDLE_CONNECTIONS", default=100)
GATEWAY_DEADLINE_SECONDS = env.float("GATEWAY_DEADLINE_SECONDS", default=60.0)
# Each call by itself; what all of them add up to is kept longer.
MODEL_CONTEXT_TOKENS = env.counts("MODEL_CONTEXT_TOKENS")
CALL_DAYS = env.int("CALL_DAYS", default=90)

# --- The chat -----------------------------------------------------------------------------

MESSAGE_MAX_CHARACTERS = env.int("MESSAGE_MAX_CHARACTERS", default=4000)
VISITOR_MESSAGES_PER_MINUTE = env.int("VISITOR_MESSAGES_PER_MINUTE", default=60)
ADDRESS_MESSAGES_PER_MINUTE = env.int("ADDRESS_MESSAGES_PER_MINUTE", default=300)
ADDRESS_SOCKETS = env.int("ADDRESS_SOCKETS", default=100)
VISITOR_TOKEN_DAYS = env.int("VISITOR_TOKEN_DAYS", default=180)
SESSION_TOKEN_MINUTES = env.int("SESSION_TOKEN_MINUTES", default=60)
REPLY_LEASE_SECONDS = env.float("REPLY_LEASE_SECONDS", default=8.0)
REPLY_CONCURRENCY = env.int("REPLY_CONCURRENCY", default=500)
DRAIN_SECONDS = env.float("DRAIN_SECONDS", default=20.0)

# --- Languages and time -------------------------------------------------------------------

# A folder of your own for more languages: each is one catalogue, and stays through upgrades.
LOCALE_PATH = env.str("LOCALE_PATH", default="")
LOCALE_PATHS = [Path(LOCALE_PATH)] if LOCALE_PATH else []
LOCALE_PATHS.append(BASE_DIR / "locale")
LANGUAGES = languages_found(LOCALE_PATHS)
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", default="en", choices=dict(LANGUAGES))
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_TZ = True

# --- Security -----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "report-uri": ["/csp-report"],
    },
}
X_FRAME_OPTIONS = "DENY"
LOGIN_REDIRECT_URL = "/admin/"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SITE_IS_SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SITE_IS_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SITE_IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_IS_SECURE
SECURE_HSTS_PRELOAD = SITE_IS_SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_IS_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_HOURS = env.float("SESSION_HOURS", default=12.0)
SESSION_COOKIE_AGE = round(SESSION_HOURS * 3600)
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_ORIGIN]
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- Logs ---------------------------------------------------------------------------------

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_LEVEL = env.choice("LOG_LEVEL", default="INFO", choices=LOG_LEVELS)
LOG_FORMAT = env.choice("LOG_FORMAT", default="line", choices=("line", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "chatsite.logs.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        **{
            name: {"handlers": ["stderr"], "level": LOG_LEVEL, "propagate": False}
            for name in ("chatsite", "conversations", "gateway", "django")
        },
        # Scanners knock with made-up hosts all day; each would leave a traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
