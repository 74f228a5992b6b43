import assert from "node:assert/strict";
import { test } from "node:test";

import {
  FRAME_MAX_BYTES, closeMeaning, frameEncode, helloFrame,
} from "../../static/widget/protocol.js";
import { emptyState } from "../../static/widget/reducer.js";
import { messageId } from "../../static/widget/id.js";

const proof = { token: "t", session: null, identity: null, revoke: [] };
const visitor = { ...proof, locale: "en", page: "https://shop.example/returns", attributes: {} };
const live = { position: 2, attempt: 1, offset: 40, blocks: [], tail: "" };

test("a new visitor asks for the latest conversation and knows nothing", () => {
  assert.deepEqual(helloFrame(emptyState(), { ...visitor, token: null }), {
    type: "hello", protocol: 1, ...proof, token: null, conversation: "latest", revision: 0, cursor: null,
    locale: "en", page: "https://shop.example/returns", attributes: {},
  });
});

test("a reconnecting visitor names the conversation, the revision and the cursor", () => {
  const frame = helloFrame({ ...emptyState(), conversation: "c", revision: 7, live }, visitor);
  assert.equal(frame.conversation, "c");
  assert.equal(frame.revision, 7);
  assert.deepEqual(frame.cursor, [2, 1, 40]);
});

test("who started over asks for a new conversation", () => {
  assert.equal(helloFrame({ ...emptyState(), isFresh: true }, visitor).conversation, "new");
});

test("a long address is cut to what the site takes", () => {
  const page = `https://shop.example/?${"q".repeat(900)}`;
  assert.equal(helloFrame(emptyState(), { ...visitor, page }).page.length, 500);
});

test("the size of a frame is counted in bytes, not in characters", () => {
  const empty = JSON.stringify({ text: "" }).length;
  assert.notEqual(frameEncode({ text: "a".repeat(FRAME_MAX_BYTES - empty) }), null);
  assert.equal(frameEncode({ text: "a".repeat(FRAME_MAX_BYTES - empty + 1) }), null);
  assert.equal(frameEncode({ text: "退".repeat(FRAME_MAX_BYTES / 3) }), null);
});

test("a close code nobody knows is a reason to try again", () => {
  assert.equal(closeMeaning(4999), "retry");
  assert.equal(closeMeaning(4401), "renew");
  assert.equal(closeMeaning(4403), "unverified");
});

test("message ids are version 4 UUIDs", () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(messageId(), uuid);
  assert.match(messageId((bytes) => bytes.fill(255)), uuid);
});
