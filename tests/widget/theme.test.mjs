import assert from "node:assert/strict";
import { test } from "node:test";

import { schemeApply, themeApply } from "../../static/widget/theme.js";

test("each colour of the site becomes a variable of the page", () => {
  const variables = {};
  const style = { setProperty: (name, value) => { variables[name] = value; } };
  themeApply({ "--chatsite-accent-light": "#ffe94d" }, style);
  assert.deepEqual(variables, { "--chatsite-accent-light": "#ffe94d" });
});

for (const [scheme, colours] of [
  ["light", "light"], ["dark", "dark"], ["auto", "light dark"], ["mauve", "light dark"],
]) {
  test(`the page takes the colours that are asked for: ${scheme}`, () => {
    const style = {};
    schemeApply(scheme, style);
    assert.equal(style.colorScheme, colours);
  });
}
