import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, fileName } from "../../static/widget/own_data.js";

const answers = (body, init) => async (address, options) => {
  answers.asked = { address, ...options };
  return new Response(body, init);
};

test("the token goes into a header and never into the address", async () => {
  const { answer } = await ask("DELETE", "/x/", { token: "secret" }, "", answers(null, { status: 204 }));
  assert.equal(answer.status, 204);
  assert.deepEqual(answers.asked, {
    address: "/x/", method: "DELETE", cache: "no-store",
    headers: { Authorization: "Bearer secret" },
  });
});

test("a refusal is handed on as the site words it", async () => {
  const body = JSON.stringify({ error: { code: "too_many", text: "Wait." } });
  const outcome = await ask("GET", "/x/", { token: "t" }, "", answers(body, { status: 429 }));
  assert.deepEqual(outcome, { error: { code: "too_many", text: "Wait." } });
});

test("no network, and an answer that is not ours, get an excuse", async () => {
  const away = async () => { throw new TypeError("Failed to fetch"); };
  const foreign = answers("<html>", { status: 502 });
  for (const fetch of [away, foreign]) {
    const outcome = await ask("GET", "/x/", { token: "t" }, "Try later.", fetch);
    assert.deepEqual(outcome, { error: { code: "away", text: "Try later." } });
  }
});

test("a file has the name that the site gives it", () => {
  const named = (value) => fileName(new Response("", {
    headers: value ? { "Content-Disposition": value } : {},
  }));
  assert.equal(named('attachment; filename="shop-2026-11-26.html"'), "shop-2026-11-26.html");
  assert.equal(named(""), "chat.html");
});

test("a signed-in customer's session travels beside the visitor's token, in headers alone", async () => {
  let seen;
  const fetch = async (address, { headers }) => {
    seen = { address, headers };
    return new Response(null, { status: 204 });
  };
  await ask("DELETE", "/x/", { token: "t", session: "s" }, "", fetch);
  assert.deepEqual(seen, {
    address: "/x/", headers: { Authorization: "Bearer t", "X-Chatsite-Session": "s" },
  });
  await ask("DELETE", "/x/", { token: "t", session: null }, "", fetch);
  assert.deepEqual(seen.headers, { Authorization: "Bearer t" });
});
