/** The log: one node for each item of the timeline, changed only where the item has changed. */

import { Answer } from "./answer.js";
import { element } from "./dom.js";
import { fill } from "./fill.js";
import { timeLabel } from "./time.js";

export class Log {
  #entries = new Map();

  /**
   * @param {HTMLElement} root  holds the items and nothing else
   * @param {{texts: Record<string, string>, locale: string, acts: object}} given  acts as in
   *   panel.js: retry, rate, askWhy, edit
   */
  constructor(root, given) {
    Object.assign(this, { root, ...given });
  }

  /** @param {ReturnType<import("./timeline.js").timeline>} items */
  render(items) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, { node }] of this.#entries) {
      if (keys.has(key)) continue;
      node.remove();
      this.#entries.delete(key);
    }
    let next = this.root.firstChild;
    for (const item of items) {
      const node = this.#show(item);
      if (node === next) next = next.nextSibling;
      else this.root.insertBefore(node, next);
    }
  }

  /** Returns what an answer says, for ears. */
  wordsAt(key) {
    return this.#entries.get(key).words();
  }

  #show(item) {
    let entry = this.#entries.get(item.key);
    if (!entry) {
      entry = this.#make(item.kind);
      this.#entries.set(item.key, entry);
    }
    if (entry.source !== item.source || entry.live !== item.live) entry.update(item);
    entry.source = item.source;
    entry.live = item.live;
    return entry.node;
  }

  #make(kind) {
    if (kind === "answer") {
      const answer = new Answer(this.texts, this.acts);
      return {
        node: answer.node, update: (item) => answer.update(item), words: () => answer.words(),
      };
    }
    return kind === "mine" ? this.#mine() : this.#time();
  }

  #mine() {
    const bubble = element("p.bubble", { dir: "auto" });
    const fate = element("p.fate", { hidden: true });
    const author = element("h3.quiet", { textContent: this.texts.you });
    const node = element("div.mine", {}, author, bubble, fate);
    const update = ({ source }) => {
      bubble.textContent = source.text;
      node.dataset.stage = source.stage ?? "accepted";
      fate.hidden = !source.stage;
      if (source.stage) fate.replaceChildren(...this.#fate(source));
    };
    return { node, update };
  }

  #fate({ id, stage, error }) {
    if (stage !== "refused") return [this.texts[stage === "sent" ? "sending" : "waiting"]];
    const edit = element("button.again", { type: "button", textContent: this.texts.edit });
    edit.addEventListener("click", () => this.acts.edit(id));
    return [`${this.texts.notSent}. ${error} `, edit];
  }

  #time() {
    const node = element("p.time");
    return {
      node,
      update: ({ source }) => {
        node.textContent = timeLabel(source, Date.now(), this.locale, this.texts);
      },
    };
  }
}

/** Says a finished answer once, through a live region of its own; tokens are never announced. */
export class Announcer {
  constructor(region, texts) {
    Object.assign(this, { region, texts });
  }

  say(words) {
    this.tell(fill(this.texts.announced, { text: words }));
  }

  tell(text) {
    this.region.textContent = text;
  }
}
