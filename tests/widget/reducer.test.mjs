import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyState, reduce } from "../../static/widget/reducer.js";
import { endedBetween, openReply } from "../../static/widget/timeline.js";

const NOW = Date.parse("2026-11-23T18:00:00Z");
const ID = "0b0c6a0e-0000-4000-8000-000000000001";

const after = (...events) =>
  events.reduce((state, event) => reduce(state, { now: NOW, ...event }), emptyState());
const welcome = (more = {}) => ({
  type: "welcome", conversation: null, revision: 0, messages: [], has_older: false, ...more,
});
const question = (more = {}) => ({
  position: 1, revision: 1, author: "customer", id: ID, text: "Hello?", at: "2026-11-23T18:00:00Z",
  ...more,
});
const reply = (more = {}) => ({
  position: 2, revision: 2, author: "assistant", status: "running", attempt: 1, error: null,
  at: "2026-11-23T18:00:00Z", ...more,
});
const changed = (revision, ...messages) => ({ type: "changed", revision, messages });
const delta = (offset, text, more = {}) => ({
  type: "reply.delta", position: 2, attempt: 1, offset, text, blocks: [], ...more,
});
const running = [welcome({ conversation: "c" }), changed(2, question(), reply())];

test("a message stays in the outbox until it is accepted", () => {
  const written = after(welcome(), { type: "write", id: ID, text: "Hello?" });
  assert.deepEqual(written.outbox.map((item) => item.id), [ID]);
  const accepted = reduce(written, {
    type: "accepted", id: ID, conversation: "c", position: 1, revision: 1,
  });
  assert.deepEqual(accepted.outbox, []);
  assert.deepEqual(accepted.messages, [question({ at: "2026-11-23T18:00:00.000Z" })]);
  assert.equal(accepted.conversation, "c");
});

test("a message that comes back before its acknowledgement is not shown twice", () => {
  const state = after(
    welcome(), { type: "write", id: ID, text: "Hello?" }, changed(1, question()),
    { type: "accepted", id: ID, conversation: "c", position: 1, revision: 1 },
  );
  assert.equal(state.messages.length, 1);
  assert.deepEqual(state.outbox, []);
  assert.equal(state.conversation, "c");
});

test("an acknowledgement does not move the revision: changes between may be unseen", () => {
  const state = after(
    welcome(), { type: "write", id: ID, text: "Hello?" },
    { type: "accepted", id: ID, conversation: "c", position: 1, revision: 7 },
  );
  assert.equal(state.revision, 0);
});

test("deltas are joined by their offsets in UTF-16 units", () => {
  const state = after(...running, delta(0, "🌲"), delta(2, " pine"));
  assert.equal(state.live.tail, "🌲 pine");
  assert.equal(state.live.offset, 7);
  assert.equal(state.hasGap, false);
});

test("a finished block replaces the raw text before its end", () => {
  const block = { end: 5, html: "<p>One</p>" };
  const state = after(...running, delta(0, "One"), delta(3, "\n\nTwo", { blocks: [block] }));
  assert.deepEqual(state.live.blocks, [block]);
  assert.equal(state.live.tail, "Two");
  const later = reduce(state, delta(8, " and", { blocks: [] }));
  assert.equal(later.live.tail, "Two and");
});

for (const [what, frame] of [
  ["a delta after a missing one", delta(9, "late")],
  ["a delta that comes twice", delta(0, "One")],
  ["a delta of an attempt that did not begin", delta(3, "x", { attempt: 2 })],
]) {
  test(`${what} is a gap, and changes nothing`, () => {
    const before = after(...running, delta(0, "One"));
    const state = reduce(before, { now: NOW, ...frame });
    assert.equal(state.hasGap, true);
    assert.deepEqual(state.live, before.live);
  });
}

test("a welcome closes the gap and keeps what was being read", () => {
  const gap = after(...running, delta(0, "One"), delta(9, "late"));
  const state = reduce(gap, welcome({ conversation: "c", revision: 2 }));
  assert.equal(state.hasGap, false);
  assert.equal(state.live.tail, "One");
});

test("a snapshot replaces everything that was read", () => {
  const snapshot = {
    type: "reply.snapshot", position: 2, attempt: 2, offset: 14,
    blocks: [{ end: 10, html: "<p>A</p>" }], text: "rest",
  };
  const state = after(...running, delta(0, "old words"), snapshot, delta(14, "!", { attempt: 2 }));
  assert.equal(state.live.tail, "rest!");
  assert.equal(state.live.attempt, 2);
  assert.equal(state.messages[1].attempt, 2);
});

test("a reply that ends takes its streamed text with it, and late deltas are ignored", () => {
  const done = after(...running, delta(0, "One"),
    changed(3, reply({ revision: 3, status: "complete", html: "<p>One</p>" })));
  assert.equal(done.live, null);
  assert.equal(openReply(done), null);
  assert.equal(reduce(done, { now: NOW, ...delta(3, "late") }), done);
});

test("an older revision never overwrites a newer one", () => {
  const state = after(...running, changed(5, reply({ revision: 5, status: "stopped", html: "" })),
    changed(5, reply({ revision: 2 })));
  assert.equal(state.messages[1].status, "stopped");
  assert.equal(state.revision, 5);
});

test("another conversation forgets what was known, a message not yet sent is kept", () => {
  const state = after(...running, { type: "write", id: ID.replace("1", "2"), text: "And?" },
    welcome({ conversation: "d", reset: true, messages: [question({ text: "Other" })] }));
  assert.deepEqual(state.messages.map((message) => message.text), ["Other"]);
  assert.equal(state.outbox.length, 1);
});

test("a page that was loaded again knows the conversation and takes all of the welcome", () => {
  const loaded = { ...emptyState(), conversation: "c" };
  const page = { conversation: "c", has_older: true, messages: [question()] };
  const state = reduce(loaded, welcome(page));
  assert.equal(state.messages.length, 1);
  assert.equal(state.hasOlder, true);
});

test("reconnecting keeps the older history that was read", () => {
  const newest = question({ position: 51 });
  const state = after(
    welcome({ conversation: "c", has_older: true, messages: [newest] }),
    { type: "history", messages: [question({ position: 50, id: "x" })], has_older: false },
    welcome({ conversation: "c", revision: 1, has_older: true }),
  );
  assert.deepEqual(state.messages.map((message) => message.position), [50, 51]);
  assert.equal(state.hasOlder, false);
});

test("only a reply that ended before the reader's eyes is announced", () => {
  const before = after(...running);
  const done = reduce(before, changed(3, reply({ revision: 3, status: "complete", html: "" })));
  assert.deepEqual(endedBetween(before, done).map((message) => message.position), [2]);
  const loaded = after(welcome({ conversation: "c", messages: done.messages }));
  assert.deepEqual(endedBetween(emptyState(), loaded), []);
});

test("starting over forgets all and wants a new conversation", () => {
  const state = after(...running, { type: "startedOver" });
  assert.deepEqual(state.messages, []);
  assert.equal(state.conversation, null);
  assert.equal(state.isFresh, true);
  const accepted = reduce(reduce(state, { type: "write", id: ID, text: "Hi", now: NOW }),
    { type: "accepted", id: ID, conversation: "d", position: 1, revision: 1 });
  assert.equal(accepted.isFresh, false);
});

test("a wish to stop is over when the reply has ended", () => {
  const wished = after(...running, { type: "stopping", position: 2 });
  assert.equal(wished.stopping, 2);
  assert.equal(reduce(wished, changed(3, reply({ revision: 3, status: "stopped" }))).stopping, 0);
});

test("an unknown conversation is forgotten, so that the next hello asks for the latest", () => {
  const state = after(...running, { type: "error", code: "unknown_conversation", text: "…" });
  assert.equal(state.conversation, null);
  assert.deepEqual(state.messages, []);
});

test("an error without an id is said for a while", () => {
  const error = { type: "error", code: "too_many", text: "Wait.", retry_after: 30 };
  const state = after(welcome(), error);
  assert.deepEqual(state.notice, { text: "Wait.", until: NOW + 30_000 });
});

test("a link that fails again has been lost since it was lost first", () => {
  const link = { type: "link", link: "reconnecting" };
  const lost = reduce(after(welcome()), { ...link, now: NOW });
  assert.equal(reduce(lost, { ...link, now: NOW + 5000 }).linkAt, NOW);
});

test("a frame of an unknown type changes nothing, not even one named like a method", () => {
  const state = emptyState();
  assert.equal(reduce(state, { type: "future" }), state);
  assert.equal(reduce(state, { type: "toString" }), state);
});
