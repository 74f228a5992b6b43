/** What the header says while the chat is connected: as the site computed it, moment by moment. Pure. */

/**
 * @param {{text: string, changes: [number, string][]}} presence  what it says, and from when on
 *   something else
 * @param {number} now  milliseconds since 1970, as are those moments
 */
export const presenceAt = ({ text, changes }, now) =>
  changes.findLast(([at]) => at <= now)?.[1] ?? text;
