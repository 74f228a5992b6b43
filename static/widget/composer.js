/** Where the customer writes: grows, keeps a draft, respects input methods, sends or stops. */

import { fill } from "./fill.js";

const WARN_LEFT = 200;

export class Composer {
  #isRunning = false;
  #isClosed = false;

  /**
   * @param {HTMLFormElement} form
   * @param {{texts: Record<string, string>, maxCharacters: number,
   *   onSend: (text: string) => void, onStop: () => void, onDraft: (text: string) => void}} given
   */
  constructor(form, given) {
    Object.assign(this, { form, ...given });
    this.field = form.elements.text;
    this.send = form.querySelector(".send");
    this.stop = form.querySelector(".stop");
    this.count = form.querySelector(".count");
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.stop.addEventListener("click", () => {
      this.stop.disabled = true;
      this.onStop();
      this.field.focus();
    });
    this.#fit();
    this.#show();
  }

  /** Puts a text back that could not be sent, before whatever is being written. */
  give(text) {
    this.#before(text);
    this.field.focus();
  }

  /** Brings back a draft, unless the browser has; who was faster keeps their words as well. */
  restore(draft) {
    if (draft && draft !== this.field.value) this.#before(draft);
  }

  clear() {
    this.field.value = "";
    this.#changed();
  }

  /** @param {{isRunning: boolean, isStopping: boolean, isClosed: boolean}} now */
  update({ isRunning, isStopping, isClosed }) {
    this.#isRunning = isRunning;
    this.#isClosed = isClosed;
    this.stop.disabled = isStopping;
    this.field.disabled = isClosed;
    this.#show();
  }

  #before(text) {
    this.field.value = [text, this.field.value].filter(Boolean).join("\n");
    this.#changed();
  }

  /** An input method uses Enter to choose a word: half a word must not be sent. */
  #key(event) {
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text || this.send.disabled) return;
    this.clear();
    this.onSend(text);
    this.field.focus();
  }

  #changed() {
    this.onDraft(this.field.value);
    this.#fit();
    this.#show();
  }

  /** Grows with the text; the style sheet caps it at five lines. */
  #fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  /** The site counts characters as people do, not UTF-16 units. */
  #show() {
    const text = this.field.value.trim();
    const left = this.maxCharacters - [...text].length;
    this.count.hidden = left >= WARN_LEFT;
    const words = left < 0 ? this.texts.tooLong : this.texts.left;
    this.count.textContent = fill(words, { count: Math.abs(left) });
    this.count.classList.toggle("over", left < 0);
    this.send.disabled = !text || left < 0 || this.#isClosed;
    this.stop.hidden = !this.#isRunning;
    this.send.hidden = this.#isRunning && !text;
  }
}
