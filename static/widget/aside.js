/**
 * What customers seldom need, apart from the panel: earlier conversations, the copy to take away,
 * the questions before something is deleted and after a thumb down. Its markup and words come with
 * it, in served.js: the site writes that as it is asked for, see served.py.
 */

import { Belongings } from "./belongings.js";
import { Joining } from "./joining.js";
import { setServerHtml } from "./markup.js";
import { Question } from "./question.js";
import { served } from "./served.js";
import { Talks } from "./talks.js";
import { Why } from "./why.js";

export class Aside {
  /**
   * @param {object} given
   * @param {object} given.island  what the page's JSON says
   * @param {import("./store.js").Store} given.store
   * @param {object} given.acts  what the customer can do here, see panel.js
   * @param {(frame: object) => void} given.hear  hears as if the site had said so
   */
  constructor({ island, store, acts, hear }) {
    const find = (selector) => document.querySelector(selector);
    setServerHtml(find(".chat"), served.html, { append: true });
    const texts = { ...island.texts, ...served.texts };
    const { locale } = island;
    this.talks = new Talks(find(".chat"), { texts, locale, ...acts });
    this.question = new Question(find("dialog"), acts.onErase);
    this.belongings = new Belongings(island, store, hear);
    this.joining = new Joining(find(".joining"), { texts, ...acts });
  }

  /** Returns the form that asks what was wrong with an answer. */
  why(onSaid) { return new Why(onSaid); }
}
