/** Thumbs under an answer that has ended; whoever turns one down may say why. */

import { isOpen } from "./reducer.js";

export class Feedback {
  #message = {};
  #isTouched = false;
  #isDown = false;
  #why = null;

  /**
   * @param {object} acts
   * @param {(position: number, rating: object) => void} acts.rate
   * @param {(onSaid: (said: object) => void) => Promise<?import("./why.js").Why>} acts.askWhy
   */
  constructor(acts) {
    this.acts = acts;
    this.node = document.getElementById("rating").content.firstElementChild.cloneNode(true);
    this.thumbs = [...this.node.querySelectorAll("button")];
    this.thanks = this.node.querySelector(".thanks");
    for (const thumb of this.thumbs) thumb.addEventListener("click", () => this.#press(thumb));
  }

  /** @param {import("./types.js").Message} message */
  update(message) {
    const { rating, status } = message;
    this.#message = message;
    this.node.hidden = isOpen(message) || status === "failed";
    for (const thumb of this.thumbs) thumb.ariaPressed = String(rating?.value === thumb.value);
    if (this.#why) {
      this.#why.update(rating);
      if (rating?.value !== "down") this.#why.form.hidden = true;
    }
    const { thanks, taken } = this.thanks.dataset;
    if (this.#isTouched) this.thanks.textContent = rating ? thanks : taken;
  }

  #press({ value, ariaPressed }) {
    const isOn = ariaPressed === "true";
    this.#isDown = !isOn && value === "down";
    this.#rate({ rating: isOn ? null : value });
    if (this.#isDown) this.#ask();
    else if (this.#why) this.#why.form.hidden = true;
  }

  async #ask() {
    this.#why ??= await this.acts.askWhy((said) => this.#explain(said));
    if (!this.#why || !this.#isDown) return; // it could not be fetched, or is no longer wanted
    const { form } = this.#why;
    form.reset();
    form.hidden = false;
    this.#why.update(this.#message.rating);
    this.node.append(form);
  }

  /** Adds to a thumb down what is said of it; a comment is the last word. */
  #explain(said) {
    const { reason, comment } = this.#message.rating ?? {};
    this.#rate({ rating: "down", reason, comment, ...said });
    if (!("comment" in said)) return;
    this.#why.form.hidden = true;
    this.thumbs[1].focus();
  }

  #rate(rating) {
    this.#isTouched = true;
    this.acts.rate(this.#message.position, rating);
  }
}
