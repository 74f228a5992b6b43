/**
 * The way to a person: an entry of the menu, an offer under the answers, and what was left.
 * Its words come with it, in served.js: the site writes that as it is asked for, see served.py.
 */

import { element } from "./dom.js";
import { fill } from "./fill.js";
import { served } from "./served.js";
import { TeamForm } from "./team_form.js";
import { timeLabel } from "./time.js";

export class Team {
  #form = null;
  #shown = "";

  /** @param {object} panel  see panel.js */
  constructor(panel) {
    this.panel = panel;
    const { texts } = served;
    this.entry = this.#asks(document.querySelector(".leave"));
    const words = element("p", { dir: "auto" }, panel.island.offer || texts.offer);
    const button = element("button.again", { type: "button" }, texts.leave);
    this.offer = element("div.offer", {}, words, this.#asks(button));
    this.place = element("div.team", { role: "status" });
    document.querySelector(".items").after(this.place);
  }

  /** Shows what the panel's state says; called after each change. */
  show() {
    const { panel, place } = this;
    const { way, asked } = panel.state.team ?? { way: null, asked: [] };
    this.entry.hidden = !way;
    this.#form?.follow(panel);
    const shown = JSON.stringify([way, asked]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const waits = asked.some(({ open }) => open);
    const lines = asked.map((message) => this.#line(message));
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...lines, ...(way === "offer" && !waits ? [this.offer] : []));
    if (hadFocus && !place.contains(document.activeElement)) panel.view.focus();
    panel.view.scroller.grown();
  }

  #asks(button) {
    button.addEventListener("click", () => {
      this.#form ??= new TeamForm(this.panel, served.texts);
      this.#form.ask();
    });
    return button;
  }

  #line({ at, email, open }) {
    const { locale, texts } = this.panel.island;
    const time = timeLabel(Date.parse(at), Date.now(), locale, texts);
    const words = open ? served.texts.asked : served.texts.closed;
    return element("p.left", {}, fill(words, { time, email }));
  }
}
