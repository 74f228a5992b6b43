/** The unfinished end of an answer as plain text, its Markdown markers quietly hidden. Pure. */

/** Line by line, what stands at its beginning. The order matters. */
const LINE_RULES = [
  [/^ {0,3}(?:```|~~~).*$/, ""], // a fence, with its language
  [/^ {0,3}#{1,6}(?:\s+|$)/, ""],
  [/^ {0,3}(?:>\s?)+/, ""],
  [/^( *)[-*+](?: +|$)/, "$1• "],
  [/^ {0,3}(?:[-*_] ?){3,}$/, ""],
  [/^ *\|? *:?-{3,}[-:| ]*$/, ""], // under a table's head
];

/** Within a line. What is only half written is hidden as if it were whole. */
const INLINE_RULES = [
  [/!?\[([^\]]*)\]\([^)\n]*\)?/g, "$1"],
  [/!?\[([^\]\n]*)\]?$/g, "$1"],
  [/`+/g, ""],
  [/\*\*|__|~~/g, ""],
  [/(^|[\s(])[*_](?=\S|$)/g, "$1"],
  [/([^\s*_])[*_](?=[\s.,:;!?)]|$)/g, "$1"],
];

/** Escaped signs wait in Unicode's private area until every rule has passed. */
const PRIVATE = 0xe000;
const moved = (sign, by) => String.fromCharCode(sign.charCodeAt(0) + by);
const hide = (text) => text.replace(/\\([!-/:-@[-`{-~])/g, (_, sign) => moved(sign, PRIVATE));
const reveal = (text) => text.replace(/[\ue021-\ue07e]/g, (sign) => moved(sign, -PRIVATE));

/**
 * Returns raw Markdown as a reader should see it until the site has rendered it.
 * @param {string} raw
 * @returns {string}
 */
export function tailText(raw) {
  const lines = hide(raw).split("\n").map((line) => {
    const started = LINE_RULES.reduce((text, [rule, by]) => text.replace(rule, by), line);
    return INLINE_RULES.reduce((text, [rule, by]) => text.replace(rule, by), started);
  });
  return reveal(lines.join("\n")).replace(/\n{3,}/g, "\n\n").trim();
}
