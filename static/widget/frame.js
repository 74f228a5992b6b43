/**
 * The frame that holds the panel. What a browser shows in it when the site does not answer is not
 * fit for customers: until the panel says that it is here, the frame stays unseen, and if it says
 * nothing for too long, a sentence and a button take its place.
 */

/** Nobody waits longer for a page. */
const LOAD_MS = 20_000;
/** The panel speaks before its page has loaded; an error page never does. */
const SILENT_MS = 1000;

export class Frame {
  /** Whether the panel can hear us. */
  isHere = false;
  #hasBeenHere = false;
  #timer = 0;

  /** @param {object} parts  what stands on the page, see launcher.js */
  constructor(parts) {
    this.parts = parts;
    this.node = document.createElement("iframe");
    this.node.allow = "clipboard-write";
    this.node.onload = () => this.isHere || this.#await(SILENT_MS);
    parts.again.onclick = () => {
      this.load(this.node.src);
      this.node.focus();
    };
  }

  load(address) {
    this.isHere = false;
    this.#show("coming");
    this.#await(LOAD_MS);
    this.node.src = address;
    // An empty frame would be loaded at once; one that is moved is loaded twice.
    if (!this.node.isConnected) this.parts.panel.append(this.node);
  }

  /** The panel has spoken; returns whether for the first time. */
  arrive() {
    const isFirst = !this.#hasBeenHere;
    this.isHere = this.#hasBeenHere = true;
    clearTimeout(this.#timer);
    this.#show("here");
    return isFirst;
  }

  focus() {
    const { panel, again } = this.parts;
    (panel.dataset.state === "away" ? again : this.node).focus();
  }

  leave() { clearTimeout(this.#timer); }

  #await(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show("away"), milliseconds);
  }

  #show(state) {
    const { root, panel } = this.parts;
    const hadFocus = root.activeElement === this.node;
    panel.dataset.state = state;
    if (hadFocus) this.focus();
  }
}
