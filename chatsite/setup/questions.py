"""Asking somebody at a terminal, one thing at a time, until each is tried and right."""

from __future__ import annotations

from collections.abc import Callable
from getpass import getpass

from chatsite.setup import trials
from chatsite.setup.answers import (
    SQLITE,
    Answers,
    lacks_password,
    password_insert,
    site_url_read,
)


class Questions:
    """A conversation at a terminal.

    Args:
        say: Shows a line.
        ask: Returns what is typed.
        ask_hidden: The same, without showing it.
    """

    def __init__(
        self,
        say: Callable[[str], object],
        ask: Callable[[str], str] = input,
        ask_hidden: Callable[[str], str] = getpass,
    ) -> None:
        self._say = say
        self._ask = ask
        self._ask_hidden = ask_hidden

    def all(self, known: Answers) -> Answers:
        """Ask for everything; what is known is what an empty line means.

        Raises:
            EOFError: Nobody answers any more.
        """
        answers = Answers()
        self._say("An empty line takes what stands in brackets. Nothing is written until the end.")
        answers.site_url = self._until(self._site, lambda: known.site_url, trials.site_try)
        answers.database_url = self._until(
            self._database, lambda: known.database_url, trials.database_try
        )
        answers.redis_url = self._until(self._redis, lambda: known.redis_url, trials.redis_try_out)
        if answers.redis_url:
            answers.processes = self._processes(known.processes)
        self._provider(answers, known)
        self._operator(answers, known)
        if answers.operator:
            answers.second_factor = known.second_factor or self._second_factor()
        return answers

    def _until(
        self,
        question: Callable[[str], str],
        known: Callable[[], str],
        attempt: Callable[[str], str],
    ) -> str:
        """Ask until an answer is right, or is wanted as it is; nothing is right as well."""
        while True:
            value = question(known())
            problem = attempt(value) if value else ""
            if not problem or self._anyway(problem):
                return value

    def _anyway(self, problem: str) -> bool:
        self._say(f"  {problem}")
        return self._ask("  Take it all the same? [y/N] ").strip().lower() in {"y", "yes"}

    def _site(self, known: str) -> str:
        while True:
            typed = self._line("The site's name, as in chat.example.com", known)
            if url := site_url_read(typed):
                return url
            self._say("  That is no name of a host.")

    def _database(self, known: str) -> str:
        hint = "The database: sqlite, or postgres://user@host/name"
        typed = self._address(hint, known)
        return known if typed == SQLITE and known.startswith(SQLITE) else typed

    def _redis(self, known: str) -> str:
        return self._address("Redis, for several processes, as in redis://host:6379/0", known)

    def _address(self, hint: str, known: str) -> str:
        """Ask for an address, and apart from it for its password, which is never shown."""
        of_server = "as it is" if known else "none"
        shown = known if known.startswith(SQLITE) else of_server
        typed = self._ask(f"{hint} [{shown}]: ").strip()
        if not typed:
            return known
        if lacks_password(typed) and (password := self._ask_hidden("  Its password [none]: ")):
            return password_insert(typed, password)
        return typed

    def _processes(self, known: str) -> str:
        while True:
            typed = self._line("How many processes serve the site", known or "1")
            problem = trials.processes_try(typed, "there is one")
            if not problem:
                return typed
            self._say(f"  {problem}")

    def _provider(self, answers: Answers, known: Answers) -> None:
        while True:
            answers.provider_url = self._line("The provider's address", known.provider_url)
            answers.model = self._line("The model", known.model)
            shown = "as it is" if known.api_key else "later"
            answers.api_key = self._ask_hidden(f"Its API key [{shown}]: ").strip() or known.api_key
            if not answers.api_key:
                return
            problem = trials.provider_try(answers.provider_url, answers.model, answers.api_key)
            if not problem or self._anyway(problem):
                return

    def _operator(self, answers: Answers, known: Answers) -> None:
        answers.operator = self._line("The first operator's name, or - for later", known.operator)
        if answers.operator == "-":
            answers.operator = ""
        while answers.operator:
            answers.password = self._ask_hidden("  Their password: ")
            problem = trials.password_try(answers.operator, answers.password)
            if not problem and self._ask_hidden("  Once more: ") != answers.password:
                problem = "These are two different ones."
            if not problem:
                return
            self._say(f"  {problem}")

    def _second_factor(self) -> bool:
        question = "Must operators set up an authenticator app as a second factor? [y/N] "
        return self._ask(question).strip().lower() in {"y", "yes"}

    def _line(self, hint: str, known: str) -> str:
        return self._ask(f"{hint} [{known}]: ").strip() or known
