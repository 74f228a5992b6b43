import assert from "node:assert/strict";
import { test } from "node:test";

import { presenceAt } from "../../static/widget/presence.js";

test("it says the other thing from the moment of the change on", () => {
  const presence = { text: "Answers at once", changeAt: 1000, then: "Back on Monday" };
  assert.equal(presenceAt(presence, 999), "Answers at once");
  assert.equal(presenceAt(presence, 1000), "Back on Monday");
});

test("where nothing ever changes it stays as it is", () => {
  assert.equal(presenceAt({ text: "Answers at once", changeAt: null, then: "" }, 1e15), "Answers at once");
});
