import assert from "node:assert/strict";
import { test } from "node:test";

import { noticeOf, noticeUntil } from "../../static/widget/notice.js";
import { emptyState } from "../../static/widget/reducer.js";
import { timeLabel } from "../../static/widget/time.js";
import { isUntouched, timeline } from "../../static/widget/timeline.js";

const at = (minutes) => new Date(Date.UTC(2026, 10, 23, 18, minutes)).toISOString();
const mine = (position, minutes) => ({
  position, revision: position, author: "customer", id: `id-${position}`, text: "…",
  at: at(minutes),
});
const kinds = (state) => timeline({ ...emptyState(), ...state }).map((item) => item.kind);

test("a time stands above a pause, and nowhere else", () => {
  assert.deepEqual(kinds({ messages: [mine(1, 0), mine(3, 10), mine(5, 40)] }),
    ["time", "mine", "mine", "time", "mine"]);
});

test("a message keeps its key when it is acknowledged", () => {
  const item = { id: "id-1", text: "…", at: Date.parse(at(0)), stage: "sent", error: "" };
  const before = timeline({ ...emptyState(), outbox: [item] });
  const after = timeline({ ...emptyState(), messages: [mine(1, 0)] });
  assert.deepEqual(before.map((entry) => entry.key), after.map((entry) => entry.key));
});

test("only the reply that is being read carries the streamed text", () => {
  const live = { position: 4, attempt: 1, offset: 0, blocks: [], tail: "" };
  const answer = (position) => ({ ...mine(position, 0), author: "assistant", status: "running" });
  const items = timeline({ ...emptyState(), messages: [answer(2), answer(4)], live });
  const answers = items.filter((item) => item.kind === "answer");
  assert.deepEqual(answers.map((item) => item.live), [null, live]);
});

test("questions are suggested only to who has not said anything", () => {
  assert.equal(isUntouched({ ...emptyState(), isKnown: true }), true);
  assert.equal(isUntouched(emptyState()), false);
  assert.equal(isUntouched({ ...emptyState(), isKnown: true, outbox: [{}] }), false);
});

const words = { today: "Today", yesterday: "Yesterday", dayTime: "{day}, {time}" };
const local = (...parts) => new Date(...parts).getTime();

test("a time of today, yesterday, this year and before is said as people say it", () => {
  const now = local(2026, 10, 23, 9, 0);
  assert.equal(timeLabel(local(2026, 10, 23, 8, 5), now, "en-GB", words), "Today, 8:05");
  assert.equal(timeLabel(local(2026, 10, 22, 23, 59), now, "en-GB", words), "Yesterday, 23:59");
  assert.equal(timeLabel(local(2026, 2, 1, 12, 0), now, "en-GB", words), "1 March, 12:00");
  assert.equal(timeLabel(local(2025, 2, 1, 12, 0), now, "en-GB", words), "1 March 2025, 12:00");
});

const texts = { offlineNotice: "Offline.", reconnecting: "Lost.", holding: "In {seconds} s." };

test("the notice names the wait of a message that is held back", () => {
  const outbox = [{ id: "a", stage: "waiting", notBefore: 12_400 }];
  const state = { ...emptyState(), link: "open", outbox };
  assert.deepEqual(noticeOf(state, texts, 1000), { kind: "held", text: "In 12 s." });
  assert.equal(noticeOf(state, texts, 12_400), null);
});

test("a link that is back within a moment is not worth a word", () => {
  const state = { ...emptyState(), link: "reconnecting", linkAt: 1000 };
  assert.equal(noticeOf(state, texts, 2199), null);
  assert.equal(noticeUntil(state, 1000), 2200);
  assert.equal(noticeOf(state, texts, 2200).text, "Lost.");
  assert.equal(noticeUntil(state, 2200), 0);
});

test("a lost link comes before everything else, and a passing notice passes", () => {
  const notice = { text: "Wait.", until: 5000 };
  assert.equal(noticeOf({ ...emptyState(), link: "offline", notice }, texts, 0).text, "Offline.");
  assert.equal(noticeOf({ ...emptyState(), link: "open", notice }, texts, 4999).text, "Wait.");
  assert.equal(noticeOf({ ...emptyState(), link: "open", notice }, texts, 5000), null);
});

test("an erased conversation is said to be so, after whatever is more urgent", () => {
  const state = { ...emptyState(), link: "open", isErased: true };
  const words = { ...texts, erased: "Deleted." };
  assert.deepEqual(noticeOf(state, words, 0), { kind: "erased", text: "Deleted." });
  assert.equal(noticeOf({ ...state, link: "offline" }, words, 0).kind, "offline");
});
