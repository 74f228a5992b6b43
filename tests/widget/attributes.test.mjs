import assert from "node:assert/strict";
import { test } from "node:test";

import { attributesRead } from "../../static/widget/attributes.js";

test("flat facts pass as they are, and null takes one off", () => {
  const facts = { plan: "pro", seats: 7, rate: 0.5, "is.new": false, old: null };
  assert.deepEqual(attributesRead(facts), { attributes: facts, dropped: [] });
});

for (const [name, value] of [
  ["nested", {}], ["list", [1]], ["nothing", undefined], ["call", () => 1], ["no", NaN],
  ["endless", Infinity], ["huge", 2 ** 53], ["long", "x".repeat(201)], ["two words", "x"],
  ["n".repeat(41), "x"],
]) {
  test(`what the site would drop is named: ${name.slice(0, 12)}`, () => {
    const { attributes, dropped } = attributesRead({ plan: "pro", [name]: value });
    assert.deepEqual([attributes, dropped], [{ plan: "pro" }, [name]]);
  });
}

test("characters are counted as people do", () => {
  assert.deepEqual(attributesRead({ mood: "\u{1F600}".repeat(200) }).dropped, []);
});

test("a page that says nothing says nothing", () => {
  assert.deepEqual(attributesRead(undefined), { attributes: {}, dropped: [] });
});
