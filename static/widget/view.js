/** The panel's page: shows a state, and turns what the customer does into acts. */

import { Composer } from "./composer.js";
import { element } from "./dom.js";
import { Announcer, Log } from "./log.js";
import { Menu } from "./menu.js";
import { noticeOf } from "./notice.js";
import { Scroller } from "./scroller.js";
import { themeApply } from "./theme.js";
import { endedBetween, isUntouched, openReply, timeline } from "./timeline.js";

/** Links that end the chat until the page is loaded again. */
const CLOSED = new Set(["gone", "misplaced", "stale"]);

export class View {
  /**
   * @param {object} island  what the page's JSON says
   * @param {string} draft
   * @param {object} acts  write, stop, retry, edit, startOver, older, close, draft
   */
  constructor(island, draft, acts) {
    const find = (selector) => document.querySelector(selector);
    const { texts, locale } = island;
    Object.assign(this, { acts, texts });
    this.parts = {
      title: find(".title"), presence: find(".presence"), notice: find(".notice"),
      greeting: find(".greeting"), chips: find(".chips"), skeleton: find(".skeleton"),
    };
    themeApply(island.accent);
    this.log = new Log(find(".items"), {
      texts, locale, onRetry: acts.retry, onEdit: (id) => acts.edit(id),
    });
    this.announcer = new Announcer(find(".announcer"), texts);
    this.scroller = new Scroller(find(".log"), find(".flow"), find(".newer"), acts.older);
    this.composer = new Composer(find(".composer"), {
      texts, draft, maxCharacters: island.maxCharacters,
      onSend: acts.write, onStop: acts.stop, onDraft: acts.draft,
    });
    this.#listen(find);
  }

  #listen(find) {
    const menu = new Menu(find(".menu-button"), find(".menu"));
    find(".start-over").addEventListener("click", () => this.acts.startOver());
    find(".close")?.addEventListener("click", () => this.acts.close());
    this.parts.chips.addEventListener("click", ({ target }) => {
      if (target.matches("button")) this.acts.write(target.textContent.trim());
    });
    document.addEventListener("keydown", ({ key, isComposing }) => {
      if (key === "Escape" && !isComposing && !menu.close()) this.acts.close();
    });
  }

  /** @param {import("./types.js").State} state @param {import("./types.js").State} before */
  show(state, before) {
    const { greeting, chips, skeleton, presence } = this.parts;
    skeleton.hidden = state.isKnown;
    greeting.hidden = !state.isKnown || state.hasOlder;
    chips.hidden = !isUntouched(state) || CLOSED.has(state.link);
    presence.textContent = this.texts[PRESENCE[state.link] ?? "answersAtOnce"];
    this.showNotice(state);
    this.#showLog(state, before);
    this.composer.update({
      isRunning: openReply(state) !== null,
      isStopping: state.stopping > 0,
      isClosed: CLOSED.has(state.link),
    });
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
    const isTouch = matchMedia("(pointer: coarse)").matches;
    (isTouch ? this.parts.title : this.composer.field).focus();
  }
}

/** What the header says while the link is not open. */
const PRESENCE = {
  connecting: "connecting",
  reconnecting: "connecting",
  offline: "offline",
  gone: "closed",
  misplaced: "closed",
  stale: "closed",
};
