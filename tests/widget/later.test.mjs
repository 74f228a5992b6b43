import assert from "node:assert/strict";
import { test } from "node:test";

import { LENT, Later } from "../../static/widget/later.js";

const script = (source) => `data:text/javascript,${encodeURIComponent(source)}//?`;
const whole = script("export default (given, lent) => ({ given, lent, url: import.meta.url });");

test("it is fetched once, made once, and then at hand", async () => {
  const later = new Later(whole, () => "given");
  assert.equal(later.made, null);
  const [one, two] = await Promise.all([later.get(), later.get()]);
  assert.equal(one, two);
  assert.equal(one.given, "given");
  assert.equal(one.lent, LENT);
  assert.equal(later.made, one);
  assert.equal(await later.get(), one);
});

test("what did not come is nothing, and is fetched anew under another address", async () => {
  const later = new Later("data:text/javascript,throw%20", () => "given");
  assert.equal(await later.get(), null);
  assert.equal(later.made, null);
  later.address = whole;
  const made = await later.get();
  assert.equal(made.given, "given");
  assert.match(made.url, /&try=2$/);
});
