"""One concept a module, one job a function: both fit a page, style sheets too; names say which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bench", "chatsite", "conversations", "gateway", "static", "tests")
MODULE_LINES, FUNCTION_LINES = 300, 40
SAY_NOTHING = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def modules(*endings: str) -> list[Path]:
    """Return all that people wrote; Django writes migrations."""
    return [
        path.relative_to(ROOT)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in endings and "migrations" not in path.parts
    ]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and how many lines it has, its docstring included."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno
            yield node.name, node.end_lineno - node.lineno + 1


def test_a_module_or_style_sheet_has_fewer_than_300_lines() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in modules(".py", ".js", ".mjs", ".css")
    }
    assert {Path(path).suffix for path in lengths} == {".py", ".js", ".mjs", ".css"}
    assert {path for path, lines in lengths.items() if lines >= MODULE_LINES} == set()


def test_a_function_has_fewer_than_40_lines() -> None:
    found = {
        f"{path}: {name}"
        for path in modules(".py")
        for name, lines in functions(path)
        if lines >= FUNCTION_LINES
    }
    assert found == set()


def test_a_modules_name_says_what_it_is_about() -> None:
    names = {str(path) for path in modules(".py", ".js", ".mjs")}
    assert {name for name in names if SAY_NOTHING & {*Path(name).parts, Path(name).stem}} == set()
