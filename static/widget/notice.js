/** The one line that says what is in the way, and what happens next. Pure. */

import { fill } from "./fill.js";
import { outboxHeldUntil } from "./outbox.js";

/** A link that is back within a moment is not worth a word. */
const BRIEF_MS = 1200;

/** Links that are not open, and the text that explains each. */
const LINK_TEXTS = {
  gone: "gone",
  misplaced: "wrongAddress",
  stale: "stale",
  unverified: "signInFirst",
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
export function noticeOf({ link, linkAt, outbox, notice, isErased }, texts, now) {
  const isBrief = link === "reconnecting" && now < linkAt + BRIEF_MS;
  if (link in LINK_TEXTS && !isBrief) return { kind: link, text: texts[LINK_TEXTS[link]] };
  const held = outboxHeldUntil(outbox, now);
  if (held) {
    const seconds = Math.ceil((held - now) / 1000);
    return { kind: "held", text: fill(texts.holding, { seconds }) };
  }
  if (notice && notice.until > now) return { kind: "passing", text: notice.text };
  return isErased ? { kind: "erased", text: texts.erased } : null;
}

/**
 * Returns the last moment at which the notice will change by itself, or 0.
 * @param {import("./types.js").State} state
 * @param {number} now
 */
export function noticeUntil({ link, linkAt, outbox, notice }, now) {
  const brief = link === "reconnecting" ? linkAt + BRIEF_MS : 0;
  const until = Math.max(brief, outboxHeldUntil(outbox, now), notice?.until ?? 0);
  return until > now ? until : 0;
}
