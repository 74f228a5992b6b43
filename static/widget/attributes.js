/** What the embedding page says of the conversation: small and flat. Pure. */

const NAME = /^[A-Za-z0-9_.-]{1,40}$/;
const VALUE_CHARACTERS = 200;

/**
 * Splits what a page says into what the site keeps and the names of what it would drop; null
 * takes one off.
 * @param {unknown} given
 * @returns {{attributes: Record<string, string|number|boolean|null>, dropped: string[]}}
 */
export function attributesRead(given) {
  const attributes = {};
  const dropped = [];
  for (const [name, value] of Object.entries(given ?? {})) {
    if (NAME.test(name) && isFlat(value)) attributes[name] = value;
    else dropped.push(name);
  }
  return { attributes, dropped };
}

function isFlat(value) {
  if (typeof value === "string") return [...value].length <= VALUE_CHARACTERS;
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return value === null || typeof value === "boolean";
}
