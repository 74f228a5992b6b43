/** What is the customer's: a copy of a conversation to take away, and its end. */

import { element } from "./dom.js";
import { ask, fileName } from "./own_data.js";

export class Belongings {
  /**
   * @param {object} island  what the page's JSON says
   * @param {import("./store.js").Store} store
   * @param {(frame: object) => void} hear  hears of it, as if the site had said so
   */
  constructor(island, store, hear) {
    Object.assign(this, { island, store, hear });
  }

  async download(conversation) {
    const { answer, error } = await this.#ask("GET", conversation, "copy/");
    if (error) this.hear({ type: "error", ...error });
    else fileSave(await answer.blob(), fileName(answer));
  }

  async erase(conversation) {
    const { error } = await this.#ask("DELETE", conversation, "");
    const isThere = error && error.code !== "unknown_conversation";
    this.hear(isThere ? { type: "error", ...error } : { type: "erased", conversation });
  }

  #ask(method, conversation, path) {
    const { key, locale, texts } = this.island;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const query = new URLSearchParams({ locale, zone });
    const address = `/widget/${key}/conversations/${conversation}/${path}?${query}`;
    return ask(method, address, this.store, texts.away);
  }
}

/** Hands a file to the browser under a name. */
function fileSave(blob, download) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
