"""What browsers get means the same as what people wrote."""

from __future__ import annotations

from itertools import product

import pytest

from conversations.widget.colours import panel_colours
from conversations.widget.compact import (
    script_compact,
    style_compact,
    variables_short,
    variables_shorten,
)
from conversations.widget.scripts import styles_panel, variables_panel


@pytest.mark.parametrize(
    ("source", "compact"),
    [
        ("/**\n * Says.\n */\nconst a = 1; // one\n", "const a=1;"),
        ("const url = 'https://shop.example'; // gone\n", "const url='https://shop.example';"),
        ("say(\"a  //  b\", 'c /* d */');", "say(\"a  //  b\",'c /* d */');"),
        ("const rule = /[/*]  \\//g;\ncall(/* gone */);", "const rule=/[/*]  \\//g;call();"),
        ("const half = whole / 2 / parts;", "const half=whole/2/parts;"),
        ("return /a b/.test(text);", "return/a b/.test(text);"),
        ("a + +b - -c; d++ + e;", "a+ +b- -c;d++ +e;"),
        ("return value;\nthrow new Error(x);", "return value;throw new Error(x);"),
        ("const a = 1\nconst b = 2\n(c)", "const a=1\nconst b=2\n(c)"),
        ("class A {\n  one() {}\n  get two() {}\n}", "class A{one(){}\nget two(){}}"),
        ("const css = `\n    a { b: c; }\n  ${x}  d`;", "const css=`\na { b: c; }\n${x}  d`;"),
        ("x = y ? `a  b` : 'c';", "x=y?`a  b`:'c';"),
        ("f({ a, b, }, [c,],);", "f({a,b},[c]);"),
        ("const day = 86_400_000, half_day = a_1;", "const day=86400000,half_day=a_1;"),
        ("if (a in b) do_it(); else if (c) {}", "if(a in b)do_it();else if(c){}"),
    ],
)
def test_a_script_loses_what_only_people_need(source: str, compact: str) -> None:
    assert script_compact(source) == f"{compact}\n"


@pytest.mark.parametrize(
    ("source", "compact"),
    [
        ("/* Says. */\na,\nb > c {\n  color: red;\n}\n", "a,b>c{color:red}"),
        (".prose :is(p, li) { margin: 0 auto; }", ".prose :is(p,li){margin:0 auto}"),
        ("a { width: calc(100% - 2px + 1em); }", "a{width:calc(100% - 2px + 1em)}"),
        ("a + b, a ~ b { top: 0 }", "a + b,a ~ b{top:0}"),
        (
            "@media (max-width: 360px) and (hover) { a { b: c } }",
            "@media (max-width:360px) and (hover){a{b:c}}",
        ),
        ('a::before { content: ""; }', 'a::before{content:""}'),
        ("a { font: 15px/1.5 x !important; }", "a{font:15px/1.5 x !important}"),
    ],
)
def test_a_style_sheet_loses_what_only_people_need(source: str, compact: str) -> None:
    assert style_compact(source) == compact


def test_a_sheets_own_variables_become_short_and_stay_apart() -> None:
    style = "a{--chatsite-x:1;--other:2;b:var(--chatsite-x-y) var(--chatsite-x-y)}"
    short = variables_short(style)
    assert short == {"--chatsite-x-y": "--a", "--chatsite-x": "--b"}
    assert variables_shorten(style, short) == "a{--b:1;--other:2;b:var(--a) var(--a)}"


def test_there_are_names_for_many_variables() -> None:
    names = ["--chatsite-" + "".join(pair) for pair in product("abcdefgh", repeat=2)]
    short = variables_short(" ".join(names))
    assert len(set(short.values())) == len(names)


def test_the_accent_reaches_the_variables_that_the_panels_sheet_knows() -> None:
    for name in variables_panel(panel_colours("#1f6feb", "#1f6feb")):
        assert f"var({name})".encode() in styles_panel().source
    assert b"--chatsite-" not in styles_panel().source
