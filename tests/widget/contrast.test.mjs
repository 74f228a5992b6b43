import assert from "node:assert/strict";
import { test } from "node:test";

import { contrast, readableOn, textOn } from "../../static/widget/contrast.js";

const STEPS = ["00", "33", "66", "99", "cc", "ff"];
const colours = STEPS.flatMap((r) => STEPS.flatMap((g) => STEPS.map((b) => `#${r}${g}${b}`)));

test("black on white is 21 to 1, and a colour on itself 1 to 1", () => {
  assert.equal(Math.round(contrast("#000000", "#ffffff") * 100), 2100);
  assert.equal(contrast("#1f6feb", "#1f6feb"), 1);
});

test("text on any accent reaches 4.5 to 1", () => {
  for (const colour of colours) assert.ok(contrast(textOn(colour), colour) >= 4.5, colour);
});

test("an accent as text reaches 4.5 to 1 on light and on dark surfaces", () => {
  for (const surface of ["#ffffff", "#16181d"]) {
    for (const colour of colours) {
      assert.ok(contrast(readableOn(colour, surface), surface) >= 4.5, `${colour} on ${surface}`);
    }
  }
});

test("an accent that can be read is left alone", () => {
  assert.equal(readableOn("#24463b", "#ffffff"), "#24463b");
});
