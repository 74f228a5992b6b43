/** The one line that says what is in the way, and what happens next. Pure. */

import { fill } from "./fill.js";
import { outboxHeldUntil } from "./outbox.js";

/** Links that are not open, and the text that explains each. */
const LINK_TEXTS = {
  gone: "gone",
  misplaced: "wrongAddress",
  stale: "stale",
  offline: "offlineNotice",
  reconnecting: "reconnecting",
};

/**
 * Returns what to say, or null when nothing is in the way.
 * @param {import("./types.js").State} state
 * @param {Record<string, string>} texts
 * @param {number} now
 * @returns {{kind: string, text: string}|null}
 */
export function noticeOf({ link, outbox, notice }, texts, now) {
  if (link in LINK_TEXTS) return { kind: link, text: texts[LINK_TEXTS[link]] };
  const held = outboxHeldUntil(outbox, now);
  if (held) {
    const seconds = Math.ceil((held - now) / 1000);
    return { kind: "held", text: fill(texts.holding, { seconds }) };
  }
  return notice && notice.until > now ? { kind: "passing", text: notice.text } : null;
}
