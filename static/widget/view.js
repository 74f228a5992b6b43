/** The panel's page: shows a state, and turns what the customer does into acts. */

import { Composer } from "./composer.js";
import { clipboardWrite, element } from "./dom.js";
import { Announcer, Log } from "./log.js";
import { Menu } from "./menu.js";
import { noticeOf } from "./notice.js";
import { presenceAt } from "./presence.js";
import { Scroller } from "./scroller.js";
import { themeApply } from "./theme.js";
import { endedBetween, isUntouched, openReply, timeline } from "./timeline.js";

/** Links that end the chat until the page is loaded again, or somebody signs in. */
const CLOSED = new Set(["gone", "misplaced", "stale", "unverified"]);

export class View {
  /**
   * @param {object} island  what the page's JSON says
   * @param {object} acts  what the customer can do, see panel.js
   */
  constructor(island, acts) {
    const find = (selector) => document.querySelector(selector);
    const { texts, locale } = island;
    Object.assign(this, { acts, texts, present: island.presence });
    this.parts = {
      title: find(".title"), presence: find(".presence"), notice: find(".notice"),
      greeting: find(".greeting"), chips: find(".chips"), skeleton: find(".skeleton"),
    };
    themeApply(island.colours);
    this.log = new Log(find(".items"), { texts, locale, acts });
    this.announcer = new Announcer(find(".announcer"), texts);
    this.scroller = new Scroller(find(".log"), find(".flow"), find(".newer"), acts.older);
    this.composer = new Composer(find(".composer"), {
      texts, maxCharacters: island.maxCharacters,
      onSend: acts.write, onStop: acts.stop, onDraft: acts.draft,
    });
    this.#listen(find, document.querySelectorAll(".download, .erase"));
  }

  #listen(find, ofConversation) {
    const { conversations } = this.acts;
    const menu = new Menu(find(".menu-button"), find(".menu"));
    const act = (name, does) => find(name)?.addEventListener("click", does);
    act(".menu-button", () => {
      for (const item of ofConversation) item.hidden = !conversations.hasOne;
      conversations.prepare();
    });
    act(".start-over", this.acts.startOver);
    act(".earlier", () => conversations.list());
    act(".download", () => conversations.download());
    act(".erase", () => conversations.erase());
    act(".close", this.acts.close);
    act(".sounds", () => this.showSounds(this.acts.toggleSounds()));
    this.log.root.addEventListener("click", ({ target }) => {
      if (target.matches(".copy")) this.#copy(target);
    });
    this.parts.chips.addEventListener("click", ({ target }) => {
      if (target.matches("button")) this.acts.write(target.textContent.trim());
    });
    document.addEventListener("keydown", ({ key, isComposing }) => {
      if (key !== "Escape" || isComposing || find("dialog[open]") || menu.close()) return;
      if (find(".lists")) conversations.back();
      else this.acts.close();
    });
  }

  async #copy(button) {
    await clipboardWrite(button.previousElementSibling);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
    this.announcer.tell(this.texts.copied);
  }

  showSounds(isOn) {
    document.querySelector(".sounds").setAttribute("aria-pressed", String(isOn));
  }

  /** @param {import("./types.js").State} state @param {import("./types.js").State} before */
  show(state, before) {
    const { greeting, chips, skeleton, presence } = this.parts;
    skeleton.hidden = state.isKnown;
    greeting.hidden = !state.isKnown || state.hasOlder;
    chips.hidden = !isUntouched(state) || CLOSED.has(state.link);
    presence.textContent = this.texts[PRESENCE[state.link]] ?? presenceAt(this.present, Date.now());
    this.showNotice(state);
    this.#showLog(state, before);
    const { field } = this.composer;
    const hadFocus = field === document.activeElement;
    this.composer.update({
      isRunning: openReply(state) !== null,
      isStopping: state.stopping > 0,
      isClosed: CLOSED.has(state.link),
    });
    if (hadFocus && field.disabled) this.focus(); // what is disabled cannot keep it
  }

  showNotice(state) {
    const { notice } = this.parts;
    const said = noticeOf(state, this.texts, Date.now());
    notice.dataset.kind = said?.kind ?? "";
    if (!said) notice.replaceChildren();
    else if (notice.firstChild?.textContent !== said.text) {
      notice.replaceChildren(element("span", { textContent: said.text }));
      if (said.kind === "stale") notice.append(this.#reloadButton());
    }
  }

  #reloadButton() {
    const button = element("button.again", { type: "button", textContent: this.texts.reload });
    button.addEventListener("click", () => location.reload());
    return button;
  }

  #showLog(state, before) {
    const items = timeline(state);
    if (before.isLoadingOlder && !state.isLoadingOlder) {
      this.scroller.keeping(() => this.log.render(items));
      return;
    }
    this.log.render(items);
    const wrote = state.outbox.length > before.outbox.length;
    if (wrote || (!before.isKnown && items.length)) this.scroller.toEnd();
    else if (state.messages !== before.messages || state.live !== before.live) {
      this.scroller.grown();
    }
    for (const { position } of endedBetween(before, state)) {
      this.announcer.say(this.log.wordsAt(`m${position}`));
    }
  }

  /** Takes the focus in: to the field, or to the title where a keyboard would slide in. */
  focus() {
    const { field } = this.composer;
    const isTouch = matchMedia("(pointer: coarse)").matches;
    (isTouch || field.disabled ? this.parts.title : field).focus();
  }
}

/** What the header says while the link is not open. */
const PRESENCE = {
  connecting: "connecting",
  reconnecting: "connecting",
  offline: "offline",
  unverified: "signIn",
  gone: "closed",
  misplaced: "closed",
  stale: "closed",
};
