/** The header's menu: a button that discloses a few others; Escape and a click outside close it. */

export class Menu {
  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} list
   */
  constructor(button, list) {
    Object.assign(this, { button, list });
    button.addEventListener("click", () => this.#set(list.hidden));
    // Before the button that was chosen acts: it may have somewhere better to put the focus.
    list.addEventListener("click", () => this.close(), { capture: true });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!button.contains(target) && !list.contains(target)) this.#set(false);
    });
  }

  /** @returns {boolean} whether it was open */
  close() {
    const wasOpen = !this.list.hidden;
    this.#set(false);
    if (wasOpen) this.button.focus();
    return wasOpen;
  }

  #set(isOpen) {
    this.list.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.list.querySelector("button").focus();
  }
}
