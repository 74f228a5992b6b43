# make demo    the site with a sample shop at http://127.0.0.1:8000 (another port: PORT=8123)
#              with made-up customers, so that its dashboard lives: make demo DEMO_TRAFFIC=1
# make test    every test
# make check   everything that can be proved without running the site
# make format  tidy the code
#
# Needs Python 3.11 or newer and git; another Python than python3: make demo PYTHON=python3.12

.DEFAULT_GOAL := help
.PHONY: help demo test test-browser test-scripts check format lock messages screenshots bench chaos \
	rehearsal runtime dev

BIN := .venv/bin

# A site in production as the checks would like it; none of these keys opens anything.
PRODUCTION := ENV_FILE=/dev/null \
	SECRET_KEY=for-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz \
	MASTER_KEYS=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
	SITE_URL=https://chat.example.com ALLOWED_HOSTS=chat.example.com PROCESSES=2 \
	DATABASE_URL=postgres://user:password@127.0.0.1/chatsite REDIS_URL=redis://127.0.0.1

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

runtime:
	@PYTHON='$(PYTHON)' sh requirements/install.sh runtime

dev:
	@PYTHON='$(PYTHON)' sh requirements/install.sh dev

.env: | runtime
	@$(BIN)/python -m chatsite.dotenv

demo: runtime .env
	@$(BIN)/python manage.py demo

# In a run of its own: the browser's event loop spoils other tests'.
BROWSER_TESTS = $(BIN)/pytest tests/e2e

SCRIPT_TESTS = if command -v node >/dev/null; then \
		node --test tests/widget/; \
	else \
		echo "Skipped the tests of the widget's scripts: there is no node here."; \
	fi

# On SQLite always, and once more on PostgreSQL if TEST_DATABASE_URL names one. A suite that fails
# does not keep the others from telling what they know.
test: dev
	@failed=0; \
	TEST_DATABASE_URL= $(BIN)/pytest || failed=1; \
	if [ -n "$$TEST_DATABASE_URL" ]; then \
		echo "The same on PostgreSQL"; $(BIN)/pytest || failed=1; \
	fi; \
	$(BROWSER_TESTS) || failed=1; \
	$(SCRIPT_TESTS) || failed=1; \
	exit $$failed

test-browser: dev
	$(BROWSER_TESTS)

test-scripts:
	@$(SCRIPT_TESTS)

check: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@echo "manage.py makemigrations --check"
	@$(PRODUCTION) PROCESSES=1 DATABASE_URL=sqlite:// $(BIN)/python manage.py makemigrations --check
	@echo "manage.py check --deploy --fail-level WARNING"
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# For Python 3.11 to 3.14 on any machine. To upgrade everything: make lock LOCK=--upgrade
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet $(LOCK)
lock: dev
	$(COMPILE) --output-file requirements/runtime.txt
	$(COMPILE) --group scale --constraint requirements/runtime.txt -o requirements/scale.txt
	$(COMPILE) --group scale --all-extras --constraint requirements/scale.txt \
		-o requirements/telemetry.txt
	$(COMPILE) --group dev --all-extras --constraint requirements/telemetry.txt -o requirements/dev.txt
	$(COMPILE) --group bench --constraint requirements/scale.txt -o requirements/bench.txt

# Needs gettext. The compiled files are committed, so that the demo does not.
messages: dev
	@$(PRODUCTION) $(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-wrap \
		--ignore .venv --ignore staticfiles --ignore tests
	@$(PRODUCTION) $(BIN)/python manage.py compilemessages --ignore .venv

# docs/images, taken from the running demo, so that they never grow stale.
screenshots: dev
	REQUIRE_BROWSER=1 $(BIN)/pytest --quiet tests/e2e/screenshots.py

# The engine beside its peers, which get an environment of their own: docs/benchmarks.md; the
# chat beside a bare relay and Chainlit, and also under uvicorn and, where TEST_DATABASE_URL and
# TEST_REDIS_URL are set, in two processes: docs/benchmarks-chat.md; finding conversations among a
# hundred thousand: docs/benchmarks-review.md; what telemetry costs: docs/benchmarks-figures.md;
# what an export costs: docs/benchmarks-export.md. Run it when nothing else runs.
bench: dev
	@PYTHON='$(PYTHON)' VENV=.venv-bench sh requirements/install.sh bench
	.venv-bench/bin/python -m bench.engine --write
	$(BIN)/python -m bench.chat --chats 200 1000 --write
	$(BIN)/python -m bench.review --write
	$(BIN)/python -m bench.figures --write
	$(BIN)/python -m bench.export --write

# The scenarios of `make test`, longer. CHAOS_SEED=… repeats a run.
chaos: dev
	CHAOS_LONG=1 $(BIN)/pytest -o faulthandler_timeout=3600 tests/chaos

# docs/deploy.md on bare Debians, command by command. As root, with debootstrap and systemd-nspawn.
rehearsal: dev
	$(BIN)/python -m tests.rehearsal.server var/rehearsal
	$(BIN)/python -m tests.rehearsal.containers var/rehearsal
