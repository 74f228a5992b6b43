"""A script with short names does what it did: each name is one thing, and stays one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from conversations.widget.compact import script_compact
from conversations.widget.names import names_shorten

NODE = shutil.which("node")

# Every way in which the widget's scripts use a name; it prints what they come to.
EVERY_FORM = """
const LIMIT = 3;
const HANDLERS = { double(value) { return value * 2; }, "half": (value) => value / 2, LIMIT };
class Box {
  #secret = 1;
  shown = LIMIT;
  constructor({ start, step = LIMIT, ...others }) { Object.assign(this, { start, step }, others); }
  get total() { return this.start + this.#secret; }
  async later(value) { return this.#both(await value, ...[value]); }
  #both(one, other) { this.#secret += one; return one + other + this.#secret; }
}
function pairs(items, [first, second] = ["a", "b"]) {
  const found = [];
  for (const [key, value] of Object.entries(items)) {
    const name = value > LIMIT ? key : first;
    found.push({ key, name, [second]: value });
  }
  return found;
}
const said = (count, plural = count === 1 ? "" : "s") => `${count} item${plural}`;
const make = (tag, attributes) => [tag, ...Object.entries(attributes)];
const box = new Box({ start: 4, extra: "x" });
box.later(5).then((sum) => {
  const { shown, extra: given, total } = box;
  const kinds = { sum, shown, given, total, LIMIT };
  switch (kinds.sum) {
    case LIMIT: break;
    default: console.log(JSON.stringify([
      kinds, HANDLERS.double(2), HANDLERS.half(8), HANDLERS.LIMIT, pairs({ p: 1, q: 9 }),
      said(1), said(2), make("p", { class: "x", type: "y" }), make("p", { type: "z" }),
      typeof box?.shown,
    ]));
  }
});
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed: the script cannot be run")
def test_a_script_with_short_names_does_the_same() -> None:
    assert NODE is not None
    said = []
    for source in (EVERY_FORM, script_compact(EVERY_FORM, names_shorten)):
        command = [NODE, "--input-type=module", "--eval", source]
        run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
        said.append(json.loads(run.stdout))
    assert said[0] == said[1]
    assert said[0][0]["LIMIT"] == 3


def test_names_that_others_read_stay() -> None:
    short = script_compact(EVERY_FORM, names_shorten)
    assert "#secret" not in short
    assert "pairs" not in short
    for kept in (".start", "total()", "later(", "shown=", "extra:", "double(", '"half"', "LIMIT:"):
        assert kept in short
    assert "${count} item${plural}" in short


def test_private_names_become_short_and_stay_apart() -> None:
    source = 'class A { #count = 0; #name = "#count"; add() { this.#count += this.#count; } }'
    assert script_compact(source, names_shorten) == (
        'class ee{#e=0;#t="#count";add(){this.#e+=this.#e}}\n'
    )


def test_what_two_functions_call_the_same_may_get_two_names_and_the_shortest() -> None:
    short = script_compact("function f(one) { one(); } function g(two) { two(); }", names_shorten)
    assert re.findall(r"\((\w+)\)", short) == ["e", "e"]


# Members whose own names must not meet: patterns, defaults, fields, and what all of them share.
MEMBERS = """
const LIMIT = 4;
class Sum {
  #all = 0;
  add = ({ first, second = first }) => { this.#all += first + second; return this; };
  static of({ start }) { const made = new Sum(); made.#all = start; return made; }
  get half() { const whole = this.#all; return whole / 2; }
  more(count, { times } = { times: LIMIT }) {
    for (let turn = 0; turn < times; turn += 1) this.#all += count;
    return this;
  }
}
const TOOLS = {
  twice(number) { return number * 2; }, "thrice": (value) => value * 3, keep: { LIMIT },
};
console.log(JSON.stringify([
  Sum.of({ start: 2 }).add({ first: 3 }).more(5).half,
  TOOLS.twice(4), TOOLS.thrice(5), TOOLS.keep,
]));
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed: the script cannot be run")
def test_members_have_names_of_their_own_and_do_the_same() -> None:
    assert NODE is not None
    short = script_compact(MEMBERS, names_shorten)
    said = [
        subprocess.run([NODE, "--eval", source], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own script
        for source in (MEMBERS, short)
    ]
    assert said[0] == said[1] == '[14,8,15,{"LIMIT":4}]\n'
    # The shortest name is there for each of them again.
    assert re.search(r"twice\(e\)", short)
    assert re.search(r'"thrice":e=>|"thrice":\(e\)=>', short)
