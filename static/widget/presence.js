/** What the header says while the chat is connected: until a moment this, from then on that. Pure. */

/**
 * @param {{text: string, changeAt: number|null, then: string}} presence  as the site computed it
 * @param {number} now  milliseconds since 1970, as is `changeAt`
 */
export const presenceAt = ({ text, changeAt, then }, now) =>
  (changeAt !== null && now >= changeAt ? then : text);
