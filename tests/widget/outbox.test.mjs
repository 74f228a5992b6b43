import assert from "node:assert/strict";
import { test } from "node:test";

import {
  outboxDue, outboxHeldUntil, outboxRefused, outboxRequeued, outboxSent, outboxShrunk, waitingItem,
} from "../../static/widget/outbox.js";

const NOW = 1_000_000;
const two = () => [waitingItem("a", "first", NOW), waitingItem("b", "second, longer", NOW)];
const ids = (items) => items.map((item) => item.id);

test("messages are due in the order in which they were written", () => {
  assert.deepEqual(ids(outboxDue(two(), NOW)), ["a", "b"]);
  assert.deepEqual(ids(outboxDue(outboxSent(two(), "a"), NOW)), ["b"]);
});

test("nothing overtakes a message that is held back", () => {
  const held = outboxRefused(two(), { id: "a", code: "too_many", retry_after: 12 }, NOW);
  assert.deepEqual(outboxDue(held, NOW + 11_999), []);
  assert.equal(outboxHeldUntil(held, NOW), NOW + 12_000);
  assert.deepEqual(ids(outboxDue(held, NOW + 12_000)), ["a", "b"]);
  assert.equal(outboxHeldUntil(held, NOW + 12_000), 0);
});

test("a message that could not be saved is tried again even when nobody says when", () => {
  const held = outboxRefused(two(), { id: "a", code: "not_saved", retry_after: null }, NOW);
  assert.ok(outboxHeldUntil(held, NOW) > NOW);
});

test("a message refused for good is never sent again and holds up no other", () => {
  const error = { id: "a", code: "message_too_long", text: "Too long." };
  const refused = outboxRefused(two(), error, NOW);
  assert.equal(refused[0].error, "Too long.");
  assert.deepEqual(ids(outboxDue(outboxRequeued(refused), NOW)), ["b"]);
});

test("what was under way when the socket closed is sent again", () => {
  const sent = outboxSent(outboxSent(two(), "a"), "b");
  assert.deepEqual(outboxDue(sent, NOW), []);
  assert.deepEqual(ids(outboxDue(outboxRequeued(sent), NOW)), ["a", "b"]);
});

test("close code 1009 costs the largest message under way, and only that one", () => {
  const sent = outboxSent(outboxSent(two(), "a"), "b");
  const shrunk = outboxRequeued(outboxShrunk(sent, "Too large."));
  assert.deepEqual(ids(outboxDue(shrunk, NOW)), ["a"]);
  assert.equal(shrunk[1].stage, "refused");
});
