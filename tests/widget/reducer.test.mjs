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

test("after signing out nothing is left of who was here", () => {
  const state = after(...running, { type: "write", id: ID, text: "Mine", now: NOW },
    { type: "signedOut", isKnown: true });
  assert.deepEqual([state.messages, state.outbox, state.conversation], [[], [], null]);
  assert.equal(state.isKnown, true);
});

test("somebody else's history begins with what was not sent yet", () => {
  const state = after(...running, { type: "write", id: "x", text: "Mine", now: NOW },
    { type: "expired" });
  assert.deepEqual([state.messages, state.conversation], [[], null]);
  assert.deepEqual(state.outbox.map(({ text }) => text), ["Mine"]);
});

test("a chat that waits for somebody to sign in waits for no history", () => {
  const state = after(...running, { type: "expired" }, { type: "link", link: "unverified" });
  assert.equal(state.isKnown, true);
});

test("a chat that has joined is shown from its beginning, and nothing happens if none has", () => {
  const state = after(...running, { type: "joined", count: 1, conversation: "d" });
  assert.deepEqual([state.messages, state.conversation, state.revision], [[], "d", 0]);
  const same = after(...running);
  assert.equal(reduce(same, { type: "joined", count: 0, conversation: null }), same);
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
  assert.equal(state.notice.text, "…");
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

test("a rating comes back with its answer", () => {
  const rated = reply({ revision: 4, status: "complete", html: "", rating: { value: "up" } });
  const state = after(...running, changed(3, reply({ revision: 3, status: "complete", html: "" })),
    changed(4, rated));
  assert.deepEqual(state.messages[1].rating, { value: "up" });
});

test("an erased conversation is forgotten at once, and a new one begins on the same link", () => {
  const erased = { type: "erased", conversation: "c" };
  const state = after(...running, delta(0, "One"), erased);
  assert.deepEqual([state.messages, state.live, state.conversation], [[], null, null]);
  assert.deepEqual([state.isErased, state.isFresh, state.isKnown, state.link],
    [true, true, true, "open"]);
  assert.equal(reduce(state, { now: NOW, type: "write", id: ID, text: "Hi" }).isErased, false);
});

test("the erasure of another conversation changes nothing here", () => {
  const state = after(...running);
  assert.equal(reduce(state, { now: NOW, type: "erased", conversation: "other" }), state);
});

test("a message that is kept in another history is not sent again, and the customer is told", () => {
  const write = { now: NOW, type: "write", id: ID, text: "Hi" };
  const told = { now: NOW, type: "error", id: ID, code: "kept_elsewhere", text: "It is safe." };
  const state = [write, told].reduce(reduce, emptyState());
  assert.deepEqual(state.outbox, []);
  assert.equal(state.notice.text, "It is safe.");
});

const talk = (id) => ({ id, opening: `About ${id}`, at: "2026-11-23T18:00:00.000001+00:00" });
const shelf = (hasMore, ...ids) =>
  ({ type: "conversations", conversations: ids.map(talk), has_more: hasMore });

test("earlier conversations come page by page, none twice, until the list is left", () => {
  const first = after(...running, { type: "listing" });
  assert.deepEqual(first.talks, { items: [], hasMore: false, isLoading: true });
  const full = [shelf(true, "a", "b"), shelf(false, "b", "d")]
    .reduce((state, frame) => reduce(state, frame), first);
  assert.deepEqual(full.talks.items.map((item) => item.id), ["a", "b", "d"]);
  assert.deepEqual([full.talks.hasMore, full.talks.isLoading], [false, false]);
  assert.equal(reduce(full, { type: "listed" }).talks, null);
  assert.deepEqual(full.messages, first.messages);
});

test("a list that comes after it was left is not shown", () => {
  const state = after(...running);
  assert.equal(reduce(state, shelf(false, "a")), state);
});

test("choosing a conversation shows nothing of the one before until the site has told", () => {
  const state = after(...running, { type: "write", id: ID, text: "?" }, { type: "listing" },
    { type: "chosen", conversation: "a" });
  assert.deepEqual([state.conversation, state.revision, state.isKnown], ["a", 0, false]);
  assert.deepEqual([state.messages, state.outbox, state.talks], [[], [], null]);
});

test("when the office closes the way to a person changes, and nothing else", () => {
  const state = { ...emptyState(), revision: 7 };
  const team = { way: "offer", asked: [] };
  assert.deepEqual(reduce(state, { type: "team", team }), { ...state, team });
  assert.deepEqual(reduce({ ...state, team }, { type: "team", team: null }), { ...state, team: null });
});
