from __future__ import annotations

from collections.abc import Sequence

import pytest

from conversations.widget.scripts import BundleError, script_bundle
from conversations.widget.tokens import Token


def bundle(**modules: str) -> str:
    return script_bundle("entry.js", lambda file: modules[file.removesuffix(".js")], names_of)


def names_of(tokens: Sequence[Token]) -> list[str]:
    return [token.text for token in tokens]


def test_it_puts_each_module_after_what_it_needs_and_only_once() -> None:
    joined = bundle(
        entry='import { b } from "./two.js";\nimport { a } from "./one.js";\nstart(a, b);\n',
        two='import {\n  a,\n} from "./one.js";\nexport const b = a + 1;\n',
        one="export const a = 1;\n",
    )
    assert joined == "const a=1;const b=a+1;start(a,b);\n"


def test_it_refuses_two_modules_that_declare_one_name() -> None:
    with pytest.raises(BundleError, match=r"limit stands in one\.js and in entry\.js"):
        bundle(
            entry='import { a } from "./one.js";\nexport function limit() {}\n',
            one="export const a = 1;\nconst limit = 2;\n",
        )


def test_a_name_inside_a_function_belongs_to_nobody_else() -> None:
    joined = bundle(
        entry='import { a } from "./one.js";\nfunction f() {\n  const b = a;\n}\n',
        one="export const a = 1;\nconst b = 2;\n",
    )
    assert "const b=2;" in joined


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        'export * from "./one.js";',
        'import * as one from "./one.js";',
        'import one from "./one.js";',
        'import "./one.js";',
        "const { c } = b;",
    ],
)
def test_it_refuses_a_form_it_does_not_know(line: str) -> None:
    with pytest.raises(BundleError):
        bundle(entry=f"{line}\n", one="export const a = 1;\n")


def test_a_class_that_the_entry_exports_by_default_is_what_the_whole_exports() -> None:
    joined = bundle(
        entry='import { a } from "./one.js";\nexport default class B { c = a; }\n',
        one="export const a = 1;\n",
    )
    assert joined == "const a=1;export default class B{c=a}\n"


def test_a_function_that_the_entry_exports_by_default_is_what_the_whole_exports() -> None:
    joined = bundle(
        entry='import { a } from "./one.js";\nexport default function b() { return a; }\n',
        one="export const a = 1;\n",
    )
    assert joined == "const a=1;export default function b(){return a}\n"


def test_it_refuses_an_import_under_another_name() -> None:
    with pytest.raises(BundleError):
        bundle(entry='import { a as b } from "./one.js";\nb();\n', one="export const a = 1;\n")
