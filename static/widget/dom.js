/** The few ways in which the panel touches the document. */

const policy = globalThis.trustedTypes?.createPolicy("chatsite", {
  createHTML: (html) => html, // sanitised by the site, see conversations/markdown.py
});

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

/**
 * Replaces what a node holds by HTML that the site has rendered and sanitised: the one place
 * where the panel parses HTML. `append` keeps what is there.
 */
export function setServerHtml(node, html, { append = false } = {}) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  for (const link of template.content.querySelectorAll("a[href]")) {
    link.target = "_blank"; // in here a page would load into the chat's frame
    link.rel = "noopener nofollow";
  }
  if (append) node.append(template.content);
  else node.replaceChildren(template.content);
}
