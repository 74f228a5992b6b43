/** A script that is fetched when it is first needed. */

export class Later {
  #coming = null;
  #tries = 0;

  /**
   * @param {string} address  its default export is a class
   * @param {() => object} given  what the class is made with
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
    this.made = new script.default(this.given());
    return this.made;
  }
}
