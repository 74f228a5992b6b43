#!/bin/sh
# Makes .venv (or $VENV) and installs a locked set into it:
#     sh requirements/install.sh runtime|scale|telemetry|dev|bench
# Does nothing when that very lock was installed before. Needs Python 3.11+ and nothing else.
set -eu

cd "$(dirname "$0")/.."
lock=requirements/$1.txt
venv=${VENV:-.venv}

fail() {
    printf 'Chatsite: %s\n' "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# $PYTHON, else the first that is new enough.
python_find() {
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null || fail "PYTHON is $PYTHON, but there is no such program."
        is_new_enough "$PYTHON" || fail "$PYTHON is not Python 3.11 or newer. Name another: make demo PYTHON=python3.12"
        echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "there is no Python 3.11 or newer here. Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make demo PYTHON=/path/to/python3"
}

if [ -e "$venv/bin/python" ] && ! is_new_enough "$venv/bin/python"; then
    fail "the Python behind $venv is gone or too old. Remove $venv and try again: rm -r $venv"
fi
if [ ! -e "$venv/bin/pip" ]; then
    python=$(python_find)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python has no ensurepip, so it cannot make $venv. Debian, Ubuntu: apt install python3-venv"
    "$python" -m venv "$venv" || fail "$python could not make $venv; what is above says why."
fi

if cmp -s "$lock" "$venv/installed-$1.txt"; then
    exit 0
fi
echo "Installing $(grep -c '==' "$lock") packages into $venv ..."
# Hashes for all: a package that is not the locked one, byte by byte, is refused. The lock is
# complete, so nothing is left to resolve: older pips would take the newest coverage for
# "coverage[toml]", find it without a hash, and refuse the whole lock.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --no-deps --require-hashes --requirement "$lock" ||
    fail "the packages could not be installed; what is above says why."
cp "$lock" "$venv/installed-$1.txt"
# These sets hold the runtime set.
if [ "$1" = dev ] || [ "$1" = scale ] || [ "$1" = telemetry ]; then
    cp requirements/runtime.txt "$venv/installed-runtime.txt"
fi
