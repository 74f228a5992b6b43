import assert from "node:assert/strict";
import { test } from "node:test";

import { Host } from "../../static/widget/host.js";

const SHOP = "https://shop.example";

const HERE = [{ chatsite: 1, type: "here" }, "*"];

/** A panel in a frame, and what its parent is told after the panel has said that it is here. */
function framed(origins, handlers = {}) {
  const told = [];
  const parent = { postMessage: (message, origin) => told.push([message, origin]) };
  const view = { parent, addEventListener: (_name, act) => { view.hear = act; } };
  const host = new Host(origins, handlers, view);
  assert.deepEqual(told.splice(0), origins.length ? [HERE] : []);
  return { host, told, hear: (event) => view.hear({ source: parent, origin: SHOP, ...event }) };
}

const init = { chatsite: 1, type: "init" };

test("it says nothing before an allowed website has shown itself", () => {
  const { host, told, hear } = framed([SHOP]);
  host.tell("close");
  hear({ data: init, origin: "https://evil.example" });
  host.tell("close");
  assert.deepEqual(told, []);
});

test("it speaks to exactly the origin that spoke", () => {
  const { host, told, hear } = framed([SHOP]);
  hear({ data: init });
  host.tell("error", { code: "x" });
  assert.deepEqual(told, [[{ chatsite: 1, type: "error", code: "x" }, SHOP]]);
});

for (const [what, event] of [
  ["another origin", { data: init, origin: "https://shop.example.evil" }],
  ["another port", { data: init, origin: `${SHOP}:8443` }],
  ["another window", { data: init, source: {} }],
  ["another script on the page", { data: { type: "init" } }],
]) {
  test(`a message of ${what} is not heard`, () => {
    let heard = 0;
    framed([SHOP], { init: () => { heard += 1; } }).hear(event);
    assert.equal(heard, 0);
  });
}

test("an allowed message reaches its handler", () => {
  const heard = [];
  const { hear } = framed([SHOP], { init: ({ page }) => heard.push(page) });
  hear({ data: { ...init, page: "https://shop.example/x" } });
  assert.deepEqual(heard, ["https://shop.example/x"]);
});

test("whoever frames it hears that it is here, a page of its own has nobody to tell", () => {
  framed([SHOP]);
  framed([]);
});
