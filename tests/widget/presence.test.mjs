import assert from "node:assert/strict";
import { test } from "node:test";

import { presenceAt } from "../../static/widget/presence.js";

test("it says each thing from the moment of its change on", () => {
  const changes = [[1000, "Back on Monday"], [2000, "Answers at once"], [3000, "Back on Friday"]];
  const presence = { text: "Answers at once", changes };
  const said = [999, 1000, 1999, 2000, 3000, 1e15].map((now) => presenceAt(presence, now));
  assert.deepEqual(said, [
    "Answers at once", "Back on Monday", "Back on Monday", "Answers at once", "Back on Friday",
    "Back on Friday",
  ]);
});

test("where nothing ever changes it stays as it is", () => {
  assert.equal(presenceAt({ text: "Answers at once", changes: [] }, 1e15), "Answers at once");
});
