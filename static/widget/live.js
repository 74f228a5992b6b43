/** The text of the reply that is being read: deltas by offset, blocks, snapshots. Pure. */

/** @typedef {import("./types.js").Live} Live */

/**
 * Returns the reply after a delta, or null when something before it was missed.
 * @param {Live|null} live
 * @param {{position: number, attempt: number, offset: number, text: string,
 *   blocks?: import("./types.js").Block[]}} delta
 * @returns {Live|null}
 */
export function liveExtend(live, delta) {
  const { position, attempt, offset, text, blocks = [] } = delta;
  const known = live?.position === position ? live : liveEmpty(position, attempt);
  if (known.attempt !== attempt || known.offset !== offset) return null;
  const raw = known.tail + text;
  const cut = blocks.length ? blocks.at(-1).end - blockEnd(known.blocks) : 0;
  return {
    position,
    attempt,
    offset: offset + text.length,
    blocks: known.blocks.concat(blocks),
    tail: raw.slice(cut),
  };
}

/**
 * Returns the reply as a snapshot tells it, whatever was known before.
 * @returns {Live}
 */
export function liveRestore({ position, attempt, offset, blocks = [], text = "" }) {
  return { position, attempt, offset, blocks, tail: text };
}

function liveEmpty(position, attempt) {
  return { position, attempt, offset: 0, blocks: [], tail: "" };
}

const blockEnd = (blocks) => blocks.at(-1)?.end ?? 0;
