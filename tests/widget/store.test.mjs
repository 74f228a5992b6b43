import assert from "node:assert/strict";
import { test } from "node:test";

import { waitingItem } from "../../static/widget/outbox.js";
import { MemoryStorage, Store, storageOpen } from "../../static/widget/store.js";

const item = (id, at) => waitingItem(id, `text of ${id}`, at);

test("storage that is blocked is replaced by memory", () => {
  const blocked = () => { throw new Error("SecurityError"); };
  assert.ok(storageOpen(blocked) instanceof MemoryStorage);
});

test("storage that refuses to be written is replaced by memory", () => {
  const full = new MemoryStorage();
  full.setItem = () => { throw new Error("QuotaExceededError"); };
  assert.notEqual(storageOpen(() => full), full);
});

test("storage that fills up later does not break the chat", () => {
  const storage = new MemoryStorage();
  const store = new Store(storage, "demo");
  storage.setItem = () => { throw new Error("QuotaExceededError"); };
  store.draft = "half a sentence";
  assert.equal(store.draft, "");
});

test("two widgets on one site keep apart", () => {
  const storage = new MemoryStorage();
  new Store(storage, "a").token = "of a";
  assert.equal(new Store(storage, "b").token, null);
  assert.equal(new Store(storage, "a").token, "of a");
});

test("messages that were not acknowledged survive a reload, in order", () => {
  const storage = new MemoryStorage();
  new Store(storage, "demo").outboxKeep([], [item("b", 2), item("a", 1)]);
  assert.deepEqual(new Store(storage, "demo").outbox.map(({ id }) => id), ["a", "b"]);
});

test("one tab's acknowledgement does not remove what another tab waits for", () => {
  const storage = new MemoryStorage();
  const [one, two] = [new Store(storage, "demo"), new Store(storage, "demo")];
  one.outboxKeep([], [item("a", 1)]);
  two.outboxKeep([], [item("b", 2)]);
  one.outboxKeep([item("a", 1)], []);
  assert.deepEqual(two.outbox.map(({ id }) => id), ["b"]);
});

test("an entry that makes no sense is passed over", () => {
  const storage = new MemoryStorage();
  storage.setItem("chatsite:demo:out:x", "{");
  storage.setItem("chatsite:demo:out:y", '{"id": 1}');
  assert.deepEqual(new Store(storage, "demo").outbox, []);
});
