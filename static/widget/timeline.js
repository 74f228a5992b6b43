/** From state to what the log shows, and to what the rest of the panel must know. Pure. */

import { isOpen } from "./reducer.js";

const PAUSE_MS = 15 * 60 * 1000;

/**
 * Returns the log's items in order, each with a key that stays when a message is acknowledged.
 * Items are rebuilt on each call, so they carry the very objects of the state for comparison.
 * @param {import("./types.js").State} state
 */
export function timeline({ messages, outbox, live }) {
  const items = [];
  let last = -Infinity;
  const add = (at, item) => {
    if (at - last > PAUSE_MS) items.push({ key: `time-${item.key}`, kind: "time", source: at });
    items.push(item);
    last = at;
  };
  for (const message of messages) {
    const { position, author, id } = message;
    add(Date.parse(message.at), author === "customer"
      ? { key: id ?? `m${position}`, kind: "mine", source: message }
      : {
        key: `m${position}`,
        kind: "answer",
        source: message,
        live: live?.position === position ? live : null,
      });
  }
  for (const item of outbox) add(item.at, { key: item.id, kind: "mine", source: item });
  return items;
}

/** Returns the reply that runs or waits, the one Stop is about, or null. */
export const openReply = ({ messages }) => messages.find(isOpen) ?? null;

/** Whether the customer has not said anything yet. */
export const isUntouched = ({ isKnown, messages, outbox }) =>
  isKnown && !messages.length && !outbox.length;

/**
 * Returns the replies that ended between two states, while the panel looked on. A history that
 * arrives has no open replies before it, and so stays silent.
 */
export function endedBetween(before, after) {
  const open = new Set(before.messages.filter(isOpen).map((message) => message.position));
  return after.messages.filter((message) => open.has(message.position) && !isOpen(message));
}

/** Returns the position before which older history begins, or 0 when nothing is known. */
export const oldestPosition = ({ messages }) => messages[0]?.position ?? 0;
