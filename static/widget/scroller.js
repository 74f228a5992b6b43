/** Follows the newest text until the reader scrolls up; then only says that there is more. */

const NEAR_PX = 48;

export class Scroller {
  /** Not before there is something to follow: a greeting is read from its beginning. */
  #follows = false;

  /**
   * @param {HTMLElement} box  what scrolls
   * @param {HTMLElement} content  what grows in it
   * @param {HTMLButtonElement} button  "new messages"
   * @param {() => void} onTop  the reader came near the oldest message
   */
  constructor(box, content, button, onTop) {
    Object.assign(this, { box, button });
    box.addEventListener("scroll", () => {
      this.#follows = this.#isAtEnd();
      if (this.#follows) button.hidden = true;
      if (box.scrollTop < NEAR_PX) onTop();
    }, { passive: true });
    button.addEventListener("click", () => {
      this.toEnd();
      box.focus({ preventScroll: true });
    });
    const observer = new ResizeObserver(() => this.#follows && this.toEnd());
    for (const part of [box, content]) observer.observe(part);
  }

  toEnd() {
    this.#follows = true;
    this.button.hidden = true;
    this.box.scrollTop = this.box.scrollHeight;
  }

  /** Something new stands at the end. */
  grown() {
    if (this.#follows || this.#isAtEnd()) this.toEnd();
    else this.button.hidden = false;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  /** Runs a change that adds text above, and keeps what is being read where it is. */
  keeping(change) {
    const fromEnd = this.box.scrollHeight - this.box.scrollTop;
    change();
    if (!this.#follows) this.box.scrollTop = this.box.scrollHeight - fromEnd;
  }
}
