/** What is written and not yet sent or acknowledged: kept, and shown to its writer alone. */

import { waitingItem } from "./outbox.js";

export class Written {
  #isShown = false;

  /**
   * @param {import("./store.js").Store} store
   * @param {(event: object) => void} dispatch
   */
  constructor(store, dispatch) {
    Object.assign(this, { store, dispatch });
  }

  /** Shows what was written before the page was loaded, once it is clear whose it is. */
  show(composer) {
    if (this.#isShown) return;
    this.#isShown = true;
    composer.restore(this.store.draft);
    const items = this.store.outbox.map(({ id, text, at }) => waitingItem(id, text, at));
    if (items.length) this.dispatch({ type: "restored", items });
  }

  /** Drops it: somebody else is here. What was not shown is not what stands in the field. */
  drop(composer) {
    const { store } = this;
    if (this.#isShown) composer.clear();
    else store.draft = composer.field.value;
    this.#isShown = true;
    store.outboxKeep(store.outbox, []);
  }

  /** Keeps a draft; one that waits to be shown is not lost to it. */
  keep(draft) {
    if (this.#isShown) this.store.draft = draft;
  }
}
