/** The one place where the panel parses HTML. */

import { element } from "./dom.js";

const policy = globalThis.trustedTypes?.createPolicy("chatsite", {
  createHTML: (html) => html, // sanitised by the site, see conversations/markdown.py
});

/**
 * Replaces what a node holds by HTML that the site has rendered and sanitised; `append` keeps
 * what is there.
 */
export function setServerHtml(node, html, { append = false } = {}) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  for (const link of template.content.querySelectorAll("a[href]")) {
    link.target = "_blank"; // in here a page would load into the chat's frame
    link.rel = "noopener nofollow";
  }
  for (const code of template.content.querySelectorAll("pre")) {
    const frame = element("div.code");
    code.replaceWith(frame);
    frame.append(code, document.getElementById("copy").content.cloneNode(true));
  }
  if (append) node.append(template.content);
  else node.replaceChildren(template.content);
}
