/** Messages until the site has them: kept, sent in order, held back, or given back. Pure. */

/** @typedef {import("./types.js").Waiting} Waiting */

/** Errors after which the same message may be sent again; all others give it back. */
const PASSING = new Set(["too_many", "not_saved"]);
const HOLD_MS = 2000;

/** @returns {Waiting} */
export const waitingItem = (id, text, at) => ({
  id, text, at, stage: "waiting", notBefore: 0, error: "",
});

/**
 * Returns what may be sent now: in order, nothing overtakes a message that is held back.
 * @param {Waiting[]} outbox
 * @param {number} now
 * @returns {Waiting[]}
 */
export function outboxDue(outbox, now) {
  const waiting = outbox.filter((item) => item.stage === "waiting");
  const held = waiting.findIndex((item) => item.notBefore > now);
  return held < 0 ? waiting : waiting.slice(0, held);
}

/**
 * Returns the moment when the next message that is held back may go, or 0.
 * @param {Waiting[]} outbox
 * @param {number} now
 */
export function outboxHeldUntil(outbox, now) {
  const first = outbox.find((item) => item.stage === "waiting");
  return first && first.notBefore > now ? first.notBefore : 0;
}

/** Returns the outbox after the site refused a message, for now or for good. */
export function outboxRefused(outbox, { id, code, text, retry_after: retryAfter }, now) {
  const wait = retryAfter == null ? HOLD_MS : retryAfter * 1000;
  return outboxChange(outbox, id, PASSING.has(code)
    ? { stage: "waiting", notBefore: now + wait }
    : { stage: "refused", error: text });
}

/** Returns the outbox after the socket closed: what was under way must be sent again. */
export const outboxRequeued = (outbox) =>
  outbox.map((item) => (item.stage === "sent" ? { ...item, stage: "waiting" } : item));

/** Returns the outbox after close code 1009: the largest message under way is to blame. */
export function outboxShrunk(outbox, error) {
  const sent = outbox.filter((item) => item.stage === "sent");
  if (!sent.length) return outbox;
  const largest = sent.reduce((a, b) => (b.text.length > a.text.length ? b : a));
  return outboxChange(outbox, largest.id, { stage: "refused", error });
}

export const outboxSent = (outbox, id) => outboxChange(outbox, id, { stage: "sent" });

export const outboxWithout = (outbox, ids) => outbox.filter((item) => !ids.has(item.id));

function outboxChange(outbox, id, change) {
  return outbox.map((item) => (item.id === id ? { ...item, ...change } : item));
}
