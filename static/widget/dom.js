/** The few ways in which the panel touches the document. */

/**
 * Returns an element. Text goes in as text; there is no way to pass HTML.
 * @param {string} tag  with classes, as in "p.tail"
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node|string)} children
 */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = Object.assign(document.createElement(name), properties);
  node.className = classes.join(" ");
  node.append(...children);
  return node;
}

/** Copies a text; where the browser keeps its clipboard from us, it takes a selection. */
export async function clipboardWrite(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
  } catch {
    getSelection().selectAllChildren(node);
    document.execCommand("copy");
  }
}
