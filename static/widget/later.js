/** A script that is fetched when it is first needed, and lent what is here already. */

import { element } from "./dom.js";
import { fill } from "./fill.js";
import { messageId } from "./id.js";
import { setServerHtml } from "./markup.js";
import { timeLabel } from "./time.js";

/** As conversations/widget/served.py knows it. */
export const LENT = { element, fill, messageId, setServerHtml, timeLabel };

export class Later {
  #coming = null;
  #tries = 0;

  /**
   * @param {string} address  its default export makes something of what is given and lent
   * @param {() => object} given
   */
  constructor(address, given) {
    Object.assign(this, { address, given, made: null });
  }

  /** Returns what it made, now and ever after, or null where the network does not let it come. */
  async get() {
    try {
      this.#coming ??= this.#fetch();
      return await this.#coming;
    } catch {
      this.#coming = null;
      return null;
    }
  }

  /** Some browsers remember that an address has failed, so each try has its own. */
  async #fetch() {
    this.#tries += 1;
    const script = await import(`${this.address}&try=${this.#tries}`);
    this.made = script.default(this.given(), LENT);
    return this.made;
  }
}
