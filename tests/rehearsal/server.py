"""The way with systemd, as docs/deploy.md has it.

    python -m tests.rehearsal.server FOLDER

Every command of the page is run word for word on a bare Debian, under its own systemd. What
differs: a certificate of our own, for no authority reaches this machine; the sandbox in a
provider's place; and names and passwords where the page leaves them to the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.certificate import certificate_make
from tests.rehearsal.book import commands_read
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

DATABASE_PASSWORD = "rehearsal"
SECRETS = f"""\
DATABASE_URL=postgres://chatsite:{DATABASE_PASSWORD}@127.0.0.1/chatsite
REDIS_URL=redis://127.0.0.1:6379/0
OPENAI_API_KEY={API_KEY}
OPERATOR_PASSWORD={PASSWORD}
"""
SANDBOX = (
    f"systemd-run --quiet --unit=sandbox --working-directory={HOME} "
    f"{HOME}/.venv/bin/python -m gateway.sandbox --port 8401"
)
MANAGE = "runuser -u chatsite -- .venv/bin/python manage.py"


class Server(Rehearsal):
    """What differs from the page with systemd."""

    heading = "With systemd"
    suite = "bookworm"

    def prepare(self) -> None:
        super().prepare()
        self.machine.boot()
        self.machine.run(f"echo 127.0.0.1 {HOST} >> /etc/hosts")

    def others(self) -> Mapping[str, Callable[[str], str]]:
        return {
            **super().others(),
            "apt install": self._packages,
            "sh requirements/install.sh": self.online,
            "runuser -u postgres -- createuser": self._asked,
            ".venv/bin/python manage.py setup": self._setup,
            "certbot certonly": self._certificate,
        }

    def rehearse(self) -> None:
        super().rehearse()
        key = widget_key(self.step(f"{MANAGE} shell -c '{FURNISH}'"))
        visit = f".venv/bin/python /root/visitor.py https://{HOST} {key}"
        self.step(visit)
        for command in commands_read("upgrade.md", "The steps"):
            self.step(command)
        self.step(visit)
        self.step(f"{MANAGE} doctor")

    def _packages(self, text: str) -> str:
        # Fetched with a network, installed without: so that the database takes its usual port.
        quiet = text.replace("apt install", "apt-get -qq install --yes", 1)
        self.online(f"apt-get -qq update\n{quiet.replace('install', 'install --download-only', 1)}")
        self.run(f"{quiet} >/root/apt.log 2>&1 || {{ tail -40 /root/apt.log; exit 1; }}")
        return ""

    def _asked(self, text: str) -> str:
        return self.run(text, said=f"{DATABASE_PASSWORD}\n" * 2)

    def _setup(self, text: str) -> str:
        if "--secrets-stdin" not in text:
            return "(The questions have a test of their own; the next command asks none.)"
        self.run(SANDBOX)
        self.run(f"umask 077\ncat > secrets <<'END'\n{SECRETS}END")
        provider = f" --provider-url http://127.0.0.1:8401/v1 --model {MODEL} < secrets"
        return self.run(text.replace(" < secrets", provider))

    def _certificate(self, _text: str) -> str:
        place = self.machine.root / "etc" / "letsencrypt" / "live" / HOST
        place.mkdir(parents=True)
        ours = self.machine.root / "usr/local/share/ca-certificates/rehearsal.crt"
        ours.write_bytes(certificate_make(place, HOST).read_bytes())
        return self.run("update-ca-certificates")


if __name__ == "__main__":
    main(Server, __doc__)
