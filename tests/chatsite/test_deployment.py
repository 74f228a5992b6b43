"""The files that docs/deploy.md leads through: each does what it says, as far as it runs here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.certificate import certificate_make
from tests.chatsite.started import ROOT
from tests.free_port import port_free
from tests.nginx import Nginx, site_config

CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
UNITS = ROOT / "docs" / "deploy" / "systemd"
DEPLOYED = [
    ROOT / "Containerfile",
    ROOT / "compose.yaml",
    *(path for path in (ROOT / "docs" / "deploy").rglob("*") if path.is_file()),
]


def copied() -> list[str]:
    return re.findall(r"^COPY ([a-z.]+) ", CONTAINERFILE, re.MULTILINE)


def test_the_image_holds_all_that_the_site_needs_to_collect_and_prepare_itself(
    tmp_path: Path,
) -> None:
    for name in copied():
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (command,) = re.findall(r"^RUN SECRET_KEY=(?:.*\\\n)+.*$", CONTAINERFILE, re.MULTILINE)
    shell = command.removeprefix("RUN ").replace("\\\n", " ")
    bare = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    variables = f"SECRET_KEY={'x' * 50} ENV_FILE=/dev/null DATABASE_URL=sqlite:///{tmp_path}/db"
    steps = [
        shell.replace("/srv/venv/bin/python", sys.executable),
        f"{variables} {sys.executable} manage.py migrate --no-input -v0",
    ]
    for step in steps:
        done = subprocess.run(  # noqa: S602 - the image's own commands
            step, shell=True, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "staticfiles" / "staticfiles.json").exists()


def test_the_image_is_built_from_what_the_build_is_given() -> None:
    given = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^!(.+)$", given, re.MULTILINE)) == sorted(copied())
    assert given.count("\n*\n") == 1


def test_the_image_runs_without_rights_and_asks_after_its_health() -> None:
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001\n" in last
    assert "/readyz" in last.partition("HEALTHCHECK")[2]
    assert "read_only: true" in COMPOSE.partition("x-web")[0]
    assert "cap_drop: [ALL]" in COMPOSE.partition("x-web")[0]


@pytest.mark.parametrize("path", DEPLOYED, ids=lambda path: path.name)
def test_images_have_plain_names_and_nothing_holds_a_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for name in re.findall(r"(?:FROM|image:) (\S+)", text) if "/" in name] == []
    given = re.findall(r"(?:PASSWORD|SECRET_KEY|MASTER_KEYS)(?:: |=)(\S+)", text)
    assert [value for value in given if not value.startswith(("${", "for-this-step-only"))] == []


def tool(name: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the development set; it is in there for common machines alone."""
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        pytest.skip(f"{name} is not installed: there is none for this kind of machine")
    return subprocess.run(  # noqa: S603 - its own linter
        [found, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_images_linter_has_nothing_to_say() -> None:
    done = tool("hadolint", "--no-color", "Containerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_caddy_takes_its_configuration_as_it_would_write_it_itself(tmp_path: Path) -> None:
    config = ("--config", "docs/deploy/Caddyfile", "--adapter", "caddyfile")
    variables = {"SITE_HOST": "chat.example.com", "HOME": str(tmp_path)}
    done = tool("caddy", "validate", *config, **variables)
    assert done.returncode == 0, done.stderr
    assert "Valid configuration" in done.stdout + done.stderr
    assert tool("caddy", "fmt", "--diff", config[1], **variables).returncode == 0


def test_compose_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    probe = [str(docker), "compose", "version"]
    if not docker or subprocess.run(probe, capture_output=True, check=False).returncode:  # noqa: S603 - docker's own
        pytest.skip("there is no docker compose here; tests/rehearsal runs the file for real")
    shutil.copy(ROOT / "compose.yaml", tmp_path)
    (tmp_path / ".env").write_text("SITE_HOST=chat.example.com\nPOSTGRES_PASSWORD=x\n")
    done = subprocess.run(  # noqa: S603 - docker's own
        [docker, "compose", "config", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nginx_takes_the_sites_configuration(tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, port_free())
    certificate_make(tmp_path)
    config = site_config(
        tmp_path, port=nginx.port, plain_port=port_free(), servers=[f"unix:{tmp_path}/1.sock"]
    )
    try:
        nginx.start(config)
    finally:
        nginx.stop()


def analyzer() -> str:
    found = shutil.which("systemd-analyze")
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("systemd is not installed")
    return found


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    verify = analyzer()
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/srv/chatsite/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / "chatsite@1.service"), str(tmp_path / "chatsite.target")]
    done = subprocess.run(  # noqa: S603 - systemd's own
        [verify, "verify", *units], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if "chatsite" in line] == []


def test_systemd_finds_a_process_of_the_site_well_locked_in() -> None:
    # From 0 to 10, in tenths; below 2 systemd itself calls it fine.
    most = ["--offline=true", "--threshold=15", "--no-pager"]
    done = subprocess.run(  # noqa: S603 - systemd's own
        [analyzer(), "security", *most, str(UNITS / "chatsite@.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr
