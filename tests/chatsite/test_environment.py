from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment
from chatsite.environment import Environment


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The process's environment, of which nothing outlives the test."""
    found: dict[str, str] = {}
    monkeypatch.setattr(Environment, "ENVIRON", found)
    return found


def test_an_empty_value_counts_as_none(variables: dict[str, str]) -> None:
    variables["PORT"] = " "
    assert Environment().int("PORT", default=8000) == 8000


@pytest.mark.parametrize("value", ["$OTHER", "$$", "a$b"])
def test_a_dollar_is_a_dollar(variables: dict[str, str], value: str) -> None:
    variables.update(PASSWORD=value, OTHER="wrong")
    assert Environment().str("PASSWORD", default="") == value


@pytest.mark.parametrize(("value", "flag"), [("yes", True), ("TRUE", True), ("off", False)])
def test_a_flag_is_yes_or_no(variables: dict[str, str], value: str, flag: bool) -> None:  # noqa: FBT001 - the expectation
    variables["DEBUG"] = value
    assert Environment().bool("DEBUG", default=not flag) is flag


def test_a_list_has_commas(variables: dict[str, str]) -> None:
    variables["HOSTS"] = "a.example,b.example"
    assert Environment().list("HOSTS", default=[]) == ["a.example", "b.example"]


def test_names_have_their_numbers(variables: dict[str, str]) -> None:
    variables["SIZES"] = "llama3:8b=8192, a=b=1"
    assert Environment().counts("SIZES") == {"llama3:8b": 8192, "a=b": 1}
    assert Environment().counts("OTHER") == {}


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("bool", "ture", "IT is neither true nor false."),
        ("int", "8e3", "IT is not a whole number."),
        ("float", "soon", "IT is not a number."),
        ("time_zone", "Mars/Olympus", "IT is no time zone, as in Europe/Berlin."),
        ("time_zone", "../../etc/passwd", "IT is no time zone, as in Europe/Berlin."),
    ],
)
def test_what_cannot_be_read_is_named_and_not_guessed(
    variables: dict[str, str], kind: str, value: str, message: str
) -> None:
    variables["IT"] = value
    with pytest.raises(ImproperlyConfigured) as caught:
        getattr(Environment(), kind)("IT", default=None)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["8192", "llama", "llama=", "=8192", "llama=0", "llama=8k"])
def test_a_name_without_its_number_is_named(variables: dict[str, str], value: str) -> None:
    variables["SIZES"] = value
    with pytest.raises(ImproperlyConfigured, match="SIZES is no list as in one=8000,two=128000"):
        Environment().counts("SIZES")


def test_a_word_must_be_one_of_those_offered(variables: dict[str, str]) -> None:
    variables["LOG_LEVEL"] = "loud"
    with pytest.raises(ImproperlyConfigured, match="must be INFO or ERROR"):
        Environment().choice("LOG_LEVEL", default="INFO", choices=["INFO", "ERROR"])


@pytest.mark.parametrize(
    "url",
    ["mysql://u:secret@h/n", "nonsense", "postgres://u:secret@h:port/n", "http://h/secret"],
)
def test_only_the_two_databases_are_taken(variables: dict[str, str], url: str) -> None:
    variables["DATABASE_URL"] = url
    with pytest.raises(ImproperlyConfigured) as caught:
        Environment().db_url("DATABASE_URL")
    assert "secret" not in str(caught.value)


def test_a_database_keeps_its_options(variables: dict[str, str]) -> None:
    variables["DATABASE_URL"] = "postgres://u:p%40ss@h:5433/n?sslmode=require"
    config = Environment().db_url("DATABASE_URL")
    assert (config["PASSWORD"], config["PORT"]) == ("p@ss", 5433)
    assert config["OPTIONS"] == {"sslmode": "require"}


def test_postgresql_without_its_package_names_the_remedy(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    variables["DATABASE_URL"] = "postgres://u:p@h/n"
    with pytest.raises(ImproperlyConfigured, match=r"requirements/scale\.txt"):
        Environment().db_url("DATABASE_URL")


def test_the_process_wins_over_the_file(variables: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\nLOG_LEVEL='DEBUG'\n")
    variables["PORT"] = "2"
    env = Environment()
    env.read_file(file)
    assert (env.int("PORT", default=0), env.str("LOG_LEVEL", default="")) == (2, "DEBUG")


def test_a_missing_file_is_no_fault(variables: dict[str, str], tmp_path: Path) -> None:
    Environment().read_file(tmp_path / ".env")
    assert variables == {}


def test_a_broken_file_is_named_with_its_line_and_without_its_content(
    variables: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / ".env"
    file.write_text("DEBUG=0\n\nSECRET_KEY hunter2\n")
    with pytest.raises(ImproperlyConfigured) as caught:
        Environment().read_file(file)
    assert str(caught.value).startswith(".env, line 3 is not NAME=value")
    assert "hunter2" not in str(caught.value) + caplog.text


def test_it_remembers_every_default(variables: dict[str, str]) -> None:
    env = Environment()
    env.int("PORT", default=8000)
    env.db_url("DATABASE_URL", default="sqlite:////tmp/x")
    assert env.defaults == {"PORT": 8000, "DATABASE_URL": "sqlite:////tmp/x"}
