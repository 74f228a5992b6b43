/** Asks whether what was written before signing in should join the customer's history. */

import { element } from "./dom.js";

export class Joining {
  /**
   * @param {HTMLElement} place
   * @param {object} given
   * @param {Record<string, string>} given.texts
   * @param {() => boolean} given.onYes  returns whether the site has heard it
   * @param {() => void} given.onNo
   */
  constructor(place, { texts, onYes, onNo }) {
    const button = (words, act) => {
      const made = element("button.again", { type: "button", textContent: words });
      made.addEventListener("click", act);
      return made;
    };
    this.place = place;
    this.parts = [
      element("span", { textContent: texts.joinQuestion }),
      element("span.choices", {},
        button(texts.joinYes, () => onYes() && this.show(false)),
        button(texts.joinNo, () => { onNo(); this.show(false); })),
    ];
  }

  show(isAsking) {
    if (isAsking === this.place.hasChildNodes()) return;
    const hadFocus = this.place.contains(document.activeElement);
    this.place.replaceChildren(...(isAsking ? this.parts : []));
    if (hadFocus) document.querySelector(".composer textarea").focus();
  }
}
