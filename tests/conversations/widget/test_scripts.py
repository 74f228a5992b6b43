from __future__ import annotations

import pytest

from conversations.widget.scripts import BundleError, script_bundle, script_compact


def bundle(**modules: str) -> str:
    return script_bundle("entry.js", {f"{name}.js": text for name, text in modules.items()}.get)  # type: ignore[arg-type]  # every module asked for is there


def test_it_puts_each_module_after_what_it_needs_and_only_once() -> None:
    joined = bundle(
        entry='import { b } from "./two.js";\nimport { a } from "./one.js";\nstart(a, b);\n',
        two='import {\n  a,\n} from "./one.js";\nexport const b = a + 1;\n',
        one="export const a = 1;\n",
    )
    assert joined == "const a = 1;\nconst b = a + 1;\nstart(a, b);\n"


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
    assert "const b = 2;" in joined


@pytest.mark.parametrize(
    "line",
    [
        "export default 1;",
        'export * from "./one.js";',
        'import * as one from "./one.js";',
        'import one from "./one.js";',
        'import "./one.js";',
    ],
)
def test_it_refuses_a_form_it_does_not_know(line: str) -> None:
    with pytest.raises(BundleError):
        bundle(entry=f"{line}\n", one="export const a = 1;\n")


def test_it_refuses_an_import_under_another_name() -> None:
    with pytest.raises(BundleError):
        bundle(entry='import { a as b } from "./one.js";\nb();\n', one="export const a = 1;\n")


def test_comments_that_stand_alone_are_left_out_and_code_is_not() -> None:
    source = """/**
 * Says.
 */
const url = "https://shop.example"; // kept: it shares its line
  // gone
const rule = /[/*]/;

call(/* kept */);
"""
    assert script_compact(source) == (
        'const url = "https://shop.example"; // kept: it shares its line\n'
        "const rule = /[/*]/;\n"
        "call(/* kept */);\n"
    )
