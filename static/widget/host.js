/**
 * The website around the frame: what it tells us, what we tell it.
 *
 * Both ways carry `{chatsite: 1, type, …}`, and only to and from origins the site allows; whoever
 * frames us may know no more than that we are here.
 */

export class Host {
  #origin = "";

  /**
   * @param {string[]} origins  allowed; none when the chat is a page of its own
   * @param {Record<string, (message: object) => void>} handlers  by type
   */
  constructor(origins, handlers, view = window) {
    this.view = view;
    view.addEventListener("message", ({ source, origin, data }) => {
      if (source !== view.parent || source === view || !origins.includes(origin)) return;
      if (data?.chatsite !== 1) return;
      this.#origin = origin;
      handlers[data.type]?.(data);
    });
    if (origins.length) view.parent.postMessage({ chatsite: 1, type: "here" }, "*");
  }

  /** Tells the website something; nothing happens before it has shown itself. */
  tell(type, detail = {}) {
    if (this.#origin) this.view.parent.postMessage({ chatsite: 1, type, ...detail }, this.#origin);
  }
}
