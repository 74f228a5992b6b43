"""What browsers get means the same as what people wrote."""

from __future__ import annotations

import pytest

from conversations.widget.compact import script_compact, style_compact


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
