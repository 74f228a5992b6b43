/** The list of earlier conversations, in the place of the log while it is open. */

import { element } from "./dom.js";
import { timeLabel } from "./time.js";

export class Talks {
  #shown = null;

  /**
   * @param {HTMLElement} chat  everything; its class says which of the two is to be seen
   * @param {{texts: Record<string, string>, locale: string, onOpen: (id: string) => void,
   *   onMore: () => void, onBack: () => void}} given
   */
  constructor(chat, given) {
    const find = (selector) => chat.querySelector(selector);
    Object.assign(this, { chat, ...given });
    this.title = find(".talks h2");
    this.list = find(".talks ul");
    this.none = find(".talks .none");
    this.more = find(".talks .again");
    this.more.addEventListener("click", this.onMore);
    find(".back").addEventListener("click", this.onBack);
  }

  /** @param {import("./types.js").State} state */
  show({ talks, conversation }) {
    if (talks === this.#shown) return;
    const isNew = talks && !this.#shown;
    this.#shown = talks;
    this.chat.classList.toggle("lists", talks !== null);
    if (!talks) return;
    this.none.hidden = talks.isLoading || talks.items.length > 0;
    this.more.hidden = !talks.hasMore;
    const old = this.list.children.length;
    this.list.replaceChildren(...talks.items.map((talk) => this.#item(talk, conversation)));
    if (isNew) this.title.focus();
    else if (document.activeElement === document.body) this.list.children[old]?.firstChild.focus();
  }

  #item({ id, opening, at }, conversation) {
    const words = element("span.opening", { textContent: opening, dir: "auto" });
    const when = timeLabel(Date.parse(at), Date.now(), this.locale, this.texts);
    const button = element("button", { type: "button" }, words, element("small", {}, when));
    if (id === conversation) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => this.onOpen(id));
    return element("li", {}, button);
  }
}
