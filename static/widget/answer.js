/** One answer in the log: waiting, streaming, finished, or broken off. */

import { element } from "./dom.js";
import { Feedback } from "./feedback.js";
import { setServerHtml } from "./markup.js";
import { tailText } from "./tail.js";

const PATIENCE_MS = 4000;

export class Answer {
  #blocksShown = 0;
  #attempt = 0;
  #htmlShown = null;
  #patience = 0;

  /**
   * @param {Record<string, string>} texts
   * @param {object} acts  what the customer can do: retry, rate, askWhy
   */
  constructor(texts, acts) {
    Object.assign(this, { texts, acts });
    this.prose = element("div.prose");
    this.tail = element("span.tail-text");
    this.tailLine = element("p.tail", { hidden: true }, this.tail, element("span.caret"));
    this.hint = element("span.hint");
    this.waiting = element("p.waiting", { hidden: true }, element("span.pulse"), this.hint);
    this.end = element("div.end", { hidden: true });
    this.feedback = new Feedback(acts);
    const author = element("h3.quiet", { textContent: texts.assistant });
    const { prose, tailLine, waiting, end } = this;
    this.node = element("div.answer", {}, author, prose, tailLine, waiting, end, this.feedback.node);
  }

  /** Shows the message as it is now; `live` while its text is being read. */
  update({ source: message, live }) {
    const isOpen = message.status === "queued" || message.status === "running";
    if (live) this.#showLive(live);
    else this.#showHtml(message.html ?? "");
    this.tailLine.hidden = !live || !(live.tail || live.blocks.length);
    this.#showWaiting(isOpen && this.tailLine.hidden, message.status);
    this.#showEnd(message);
    this.feedback.update(message);
    this.node.dataset.status = message.status;
  }

  /** Returns what it says, and how it ended, in one line. */
  words() {
    const end = this.end.hidden ? "" : this.end.firstChild.textContent;
    return `${this.prose.textContent} ${end}`.replace(/\s+/g, " ").trim();
  }

  #showLive({ attempt, blocks, tail }) {
    if (attempt !== this.#attempt || blocks.length < this.#blocksShown) {
      this.prose.replaceChildren();
      this.#blocksShown = 0;
      this.#attempt = attempt;
    }
    for (const { html } of blocks.slice(this.#blocksShown)) {
      setServerHtml(this.prose, html, { append: true });
    }
    this.#blocksShown = blocks.length;
    this.#htmlShown = null;
    this.tail.textContent = tailText(tail);
  }

  #showHtml(html) {
    if (html === this.#htmlShown) return;
    setServerHtml(this.prose, html);
    this.#htmlShown = html;
    this.#blocksShown = 0;
    this.tail.textContent = "";
  }

  /** Says after four seconds that somebody is still at work. */
  #showWaiting(isWaiting, status) {
    if (isWaiting === !this.waiting.hidden && status === this.waiting.dataset.status) return;
    clearTimeout(this.#patience);
    this.waiting.hidden = !isWaiting;
    this.waiting.dataset.status = status;
    this.hint.textContent = status === "queued" ? this.texts.queued : this.texts.thinking;
    if (isWaiting && status === "running") {
      this.#patience = setTimeout(() => {
        this.hint.textContent = this.texts.stillThinking;
      }, PATIENCE_MS);
    }
  }

  #showEnd({ status, error, position }) {
    const isBroken = status === "interrupted" || status === "failed";
    this.end.hidden = !isBroken && status !== "stopped";
    if (this.end.hidden) return;
    const words = element("span", { textContent: error?.text || this.texts[status] });
    const again = element("button.again", { type: "button", textContent: this.texts.tryAgain });
    again.addEventListener("click", () => this.acts.retry(position));
    this.end.replaceChildren(words, ...(isBroken ? [again] : []));
  }
}
