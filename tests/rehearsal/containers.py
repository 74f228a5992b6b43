"""The way with containers, as docs/deploy.md has it.

    python -m tests.rehearsal.containers FOLDER

Every command of the page is run word for word on a bare Debian, with a real engine. What
differs: a rehearsal needs no registry of images, so the four that the site stands on are made of
Debian's packages, under the same names (``images``); Caddy is its own authority; the sandbox
stands in a provider's place.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.rehearsal.book import commands_read
from tests.rehearsal.machine import ALONE
from tests.rehearsal.steps import (
    API_KEY,
    FURNISH,
    HOME,
    HOST,
    MODEL,
    PASSWORD,
    Rehearsal,
    main,
    widget_key,
)

IMAGES = Path(__file__).with_name("images")
ENGINE = """\
mount -t proc proc /proc
umount --lazy /outside
mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /run
ip link set lo up
mount -t tmpfs cgroup /sys/fs/cgroup
for one in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir /sys/fs/cgroup/$one; mount -t cgroup -o $one cgroup /sys/fs/cgroup/$one
done
exec dockerd "$@" >>/root/engine.log 2>&1
"""
# A root of its own, for what the engine runs in a container later begins at the real one.
ENTER = """\
mount --make-rprivate /
mount --bind "$0" "$0"
cd "$0"
mkdir -p outside
pivot_root . outside
exec chroot . sh /root/engine.sh "$@"
"""
SILENT = "#!/bin/sh\nexit 101\n"
# What the world has and this machine has not: the site's name, and a provider. Only where there
# is a network does the image's build need one; afterwards it is all there.
OVERRIDE = f"""\
services:
  migrate:
    build: {{network: host}}
  manage: &seen
    extra_hosts: ["{HOST}:172.30.238.10"]
    environment: {{SSL_CERT_FILE: /authority.crt}}
    volumes: ["/root/authority.crt:/authority.crt:ro"]
  visitor:
    <<: *seen
    image: chatsite
    profiles: [tools]
    entrypoint: [python, /visitor.py]
    volumes: ["/root/authority.crt:/authority.crt:ro", "/root/visitor.py:/visitor.py:ro"]
    networks: [front]
  provider:
    image: chatsite
    entrypoint: [python, -m, gateway.sandbox, --host, 0.0.0.0, --port, "8401"]
    healthcheck: {{test: [CMD, "true"]}}
    networks: [back]
"""


class Containers(Rehearsal):
    """What differs from the page with containers."""

    heading = "With containers"
    suite = "trixie"

    def others(self) -> Mapping[str, Callable[[str], str]]:
        return {
            **super().others(),
            "apt install": self._engine,
            "cat > .env": self._env,
            "docker compose up --detach --build": self._up,
            "docker compose run --rm operator": self._operator,
        }

    def rehearse(self) -> None:
        super().rehearse()
        key = widget_key(self.step(f"docker compose run --rm manage shell -c '{FURNISH}'"))
        visit = f"docker compose run --rm visitor https://{HOST} {key}"
        self.step(visit)
        for command in commands_read("operations.md", "Backups"):
            if command.startswith("docker compose"):
                self.step(command)
        self.step(visit)
        self.step("docker compose run --rm manage doctor")

    def _engine(self, text: str) -> str:
        """Install it, and have it make what registries have."""
        root = self.machine.root
        # Nothing is started by its installation: there is no systemd here.
        (root / "usr" / "sbin" / "policy-rc.d").write_text(SILENT)
        (root / "usr" / "sbin" / "policy-rc.d").chmod(0o755)
        quiet = text.replace("apt install", "apt-get -qq install --no-install-recommends --yes")
        self.machine.change(f"apt-get -qq update\n{quiet}")
        (root / "root" / "engine.sh").write_text(ENGINE)
        subprocess.run(["cp", "-r", str(IMAGES), str(root / "root" / "images")], check=True)
        self._start(is_online=True)
        bare = subprocess.Popen(["tar", "-C", self.machine.base, "-c", "."], stdout=subprocess.PIPE)
        self.machine.run("docker import - bare", given=bare.stdout)
        for file in sorted(IMAGES.glob("*.Containerfile")):
            name = file.name.removesuffix(".Containerfile").replace("_", ":")
            self.machine.run(
                f"cp authorities.crt images; docker build --network host --tag {name} "
                f"--file images/{file.name} images"
            )
        return ""

    def _start(self, *, is_online: bool) -> None:
        place = [] if is_online else ["--net"]
        command = [*ALONE, *place, "sh", "-euc", ENTER, str(self.machine.root)]
        bridge = ["--bridge=none", "--iptables=false"] if is_online else []
        self.machine.start([*command, *bridge], until="docker info")

    def _env(self, text: str) -> str:
        (self.machine.root / HOME.lstrip("/") / "compose.override.yaml").write_text(OVERRIDE)
        ours = f"OPENAI_BASE_URL=http://provider:8401/v1\nOPENAI_MODEL={MODEL}"
        return self.run(text.replace("sk-…", f"{API_KEY}\n{ours}"))

    def _up(self, text: str) -> str:
        self.online("docker compose build migrate")
        self._start(is_online=False)
        printed = self.run(text)
        authority = "proxy:/data/caddy/pki/authorities/local/root.crt"
        self.run(
            f"until docker compose cp {authority} /root/authority.crt; do sleep 1; done\n"
            "chmod 644 /root/authority.crt"
        )
        return printed

    def _operator(self, text: str) -> str:
        return self.run(text.replace("--rm", f"--rm --env 'OPERATOR_PASSWORD={PASSWORD}'"))


if __name__ == "__main__":
    main(Containers, __doc__)
