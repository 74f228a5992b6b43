/** What a customer does with whole conversations: list, choose, take along, delete, join. */

import { Later } from "./later.js";

export class Conversations {
  #isJoinable = false;

  /**
   * @param {object} given
   * @param {object} given.island  what the page's JSON says
   * @param {import("./store.js").Store} given.store
   * @param {() => import("./types.js").State} given.state  returns what the panel knows now
   * @param {import("./connection.js").Connection} given.connection
   * @param {(event: object) => void} given.dispatch
   * @param {(frame: object) => void} given.hear  hears of a deletion, as if the site had said so
   * @param {() => void} given.giveBack  puts into the field what was not yet sent
   * @param {() => void} given.focus
   */
  constructor(given) {
    Object.assign(this, given);
    this.later = new Later(this.island.aside, () => this.#given());
  }

  /** Whether there is one to take along or to delete. */
  get hasOne() { return this.#id !== null; }

  /** Fetches now what will soon be needed. */
  prepare() { return this.later.get(); }

  /** @param {import("./types.js").State} state */
  show(state) { this.later.made?.talks.show(state); }

  /** Asks whether what was written before signing in should join, or stops asking. */
  async askJoining(isJoinable) {
    this.#isJoinable = isJoinable;
    const aside = isJoinable ? await this.later.get() : this.later.made;
    aside?.joining.show(this.#isJoinable);
  }

  /** Returns the form that asks why an answer was no good, or null. */
  async askWhy(onSaid) { return (await this.later.get())?.why(onSaid) ?? null; }

  list() { return this.#with(() => this.more()); }

  download() { return this.#with(({ belongings }) => belongings.download(this.#id)); }

  erase() { return this.#with(({ question }) => question.ask()); }

  /** Asks the site for the first earlier conversations, or the next. */
  more() {
    if (!this.state().talks) this.dispatch({ type: "listing" });
    const before = this.state().talks.items.at(-1)?.at ?? null;
    this.connection.send({ type: "conversations", before });
  }

  back() {
    this.dispatch({ type: "listed" });
    this.focus();
  }

  get #id() { return this.state().conversation; }

  /** Does what needs the aside, or says that it cannot be had just now. */
  async #with(act) {
    const aside = await this.later.get();
    if (aside) act(aside);
    else this.dispatch({ type: "error", code: "away", text: this.island.texts.away });
  }

  /** What the aside is made with. */
  #given() {
    const { island, store } = this;
    const hear = (frame) => (frame.type === "erased" ? this.hear : this.dispatch)(frame);
    const acts = {
      onOpen: (conversation) => this.choose(conversation),
      onMore: () => this.more(),
      onBack: () => this.back(),
      onErase: () => this.#erase(),
      onYes: () => this.connection.send({ type: "join" }) === "sent",
      onNo: () => { store.hasDeclined = true; },
    };
    return { island, store, acts, hear };
  }

  /** Goes on with one of the earlier conversations. */
  choose(conversation) {
    if (conversation === this.#id) {
      this.back();
      return;
    }
    this.giveBack();
    this.dispatch({ type: "chosen", conversation });
    this.connection.start();
    this.focus();
  }

  async #erase() {
    await this.later.made.belongings.erase(this.#id);
    this.focus();
  }
}
