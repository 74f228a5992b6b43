/** One customer after the other in one browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyState, reduce } from "../../static/widget/reducer.js";
import { MemoryStorage } from "../../static/widget/store.js";
import { ADA, ADA_RENAMED, BOB, jwt, World, welcomed } from "./identity_world.mjs";

const question = {
  position: 1, revision: 1, author: "customer", id: "q", text: "Hello?", at: "2026-11-23T18:00:00Z",
};
const reply = {
  position: 2, revision: 2, author: "assistant", status: "running", attempt: 1, error: null,
  at: "2026-11-23T18:00:00Z",
};
const welcome = (conversation, messages = []) =>
  ({ type: "welcome", conversation, revision: 2, messages, has_older: false });
const told = (...events) => events.reduce(
  (state, event) => reduce(state, { now: 0, ...event }),
  reduce(emptyState(), welcome("c", [question, reply])),
);

test("until the site says what the next history holds, it is not known, and not told as empty", () => {
  for (const event of [{ type: "expired" }, { type: "signedOut" }]) {
    const state = reduce(told(), event);
    assert.deepEqual([state.isKnown, state.messages, state.conversation], [false, [], null]);
    const next = reduce(state, welcome("d", [question]));
    assert.deepEqual([next.isKnown, next.messages.length], [true, 1]);
  }
});

test("another customer finds nothing of the one before, and keeps what they write at once", () => {
  const live = { type: "reply.delta", position: 2, attempt: 1, offset: 0, text: "For one" };
  const one = told(live, { type: "write", id: "x", text: "Mine" }, { type: "listing" });
  assert.ok(one.live && one.outbox.length && one.talks);
  const other = reduce(one, { type: "signedOut" });
  assert.deepEqual([other.outbox, other.live, other.talks, other.revision], [[], null, null, 0]);
  const written = reduce(other, { type: "write", id: "y", text: "Theirs", now: 0 });
  const next = reduce(written, welcome("d"));
  assert.deepEqual(next.outbox.map(({ text }) => text), ["Theirs"]);
});

test("another customer finds nothing of who was here, not even an anonymous chat", () => {
  const world = World.signedIn();
  world.identity.welcome(welcomed("bob"));
  assert.deepEqual(world.events, ["signedOut"]);
  assert.deepEqual(world.identity.proof, {
    token: null, session: "session-of-bob", identity: null, revoke: [],
  });
});

test("another customer is known by the website's word, before the site has said anything", () => {
  const world = World.signedIn();
  world.identity.hear({ identity: BOB });
  assert.deepEqual([world.events, world.connects], [["signedOut"], 1]);
  assert.deepEqual(world.identity.proof, {
    token: "token", session: null, identity: BOB, revoke: [],
  });
  world.identity.welcome(welcomed("bob"));
  assert.deepEqual(world.events, ["signedOut"]); // what was written since is the other's own
  assert.deepEqual(world.identity.proof, {
    token: null, session: "session-of-bob", identity: null, revoke: [],
  });
});

test("another customer is known on the next page as well, whoever was named last", () => {
  const storage = new MemoryStorage();
  World.signedIn("ada", storage);
  const later = new World({ storage });
  later.identity.hear({ identity: BOB });
  later.identity.hear({ identity: ADA });
  assert.deepEqual(later.events, ["signedOut", "signedOut"]);
});

test("the same customer on the next page is nobody else", () => {
  const storage = new MemoryStorage();
  World.signedIn("ada", storage);
  const later = new World({ storage });
  later.identity.hear({ identity: ADA_RENAMED });
  assert.deepEqual([later.events, later.identity.proof.session], [[], "session-of-ada"]);
});

test("who was named is not written down in words, and is forgotten on signing out", () => {
  const storage = new MemoryStorage();
  const world = new World({ storage });
  world.identity.hear({ identity: jwt({ sub: "ada@example.com", exp: 1 }) });
  const written = storage.keys().map((key) => storage.getItem(key)).join();
  assert.ok(world.store.subject && !written.includes("ada@"));
  world.identity.hear({ identity: null });
  assert.equal(world.store.subject, null);
});

test("somebody else is asked anew whether an earlier chat should join", () => {
  const world = World.signedIn();
  world.store.hasDeclined = true;
  world.identity.welcome(welcomed("bob"));
  assert.equal(world.store.hasDeclined, false);
});
