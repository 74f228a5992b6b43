/** The form for a message to the team: a dialog that keeps what was typed until it has arrived. */

import { element } from "./dom.js";
import { messageId } from "./id.js";

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export class TeamForm {
  #id = messageId();
  #customer = null;

  /**
   * @param {object} panel  see panel.js
   * @param {Record<string, string>} texts
   */
  constructor(panel, texts) {
    Object.assign(this, { panel, texts });
    this.name = element("input", { name: "name", maxLength: 80, autocomplete: "name", dir: "auto" });
    this.email = element("input", {
      name: "email", type: "email", maxLength: 254, autocomplete: "email", required: true,
    });
    this.text = element("textarea", {
      name: "text", rows: 4, maxLength: 4000, dir: "auto", required: true,
    });
    this.fault = element("p.fault", { id: "team-fault" });
    this.fault.setAttribute("role", "alert");
    this.send = element("button.again", { type: "submit" }, texts.send);
    const cancel = element("button.again", { type: "button" }, texts.cancel);
    const title = element("h2", { id: "team-title" }, texts.leave);
    const form = element("form", { noValidate: true },
      title, element("p", { id: "team-intro" }, texts.intro),
      this.#field(texts.name, this.name), this.#field(texts.email, this.email),
      this.#field(texts.text, this.text), this.fault, element("div", {}, cancel, this.send));
    this.dialog = element("dialog.team-form", {}, form);
    this.dialog.setAttribute("aria-labelledby", title.id);
    this.dialog.setAttribute("aria-describedby", "team-intro");
    this.form = form;
    cancel.addEventListener("click", () => this.dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    // Escape closes the dialog, not the chat around it.
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.querySelector(".chat").append(this.dialog);
  }

  ask() {
    this.#customer = this.panel.store.customer;
    this.#tell("", null);
    this.dialog.showModal();
    (this.email.value ? this.text : this.name).focus();
  }

  /** Whoever signs in or out next must find nothing of who was here. */
  follow({ store }) {
    if (store.customer === this.#customer) return;
    this.#customer = store.customer;
    this.form.reset();
    this.dialog.close();
  }

  #field(label, input) {
    return element("label", {}, element("span", {}, label), input);
  }

  async #submit() {
    if (!ADDRESS.test(this.email.value.trim())) this.#tell(this.texts.needsEmail, this.email);
    else if (!this.text.value.trim()) this.#tell(this.texts.needsText, this.text);
    else if (!this.send.disabled) await this.#leave();
  }

  async #leave() {
    this.#tell("", null);
    this.send.disabled = true;
    this.send.textContent = this.texts.sending;
    const { conversation, fault } = await this.#post();
    this.send.disabled = false;
    this.send.textContent = this.texts.send;
    if (fault) {
      this.#tell(fault.text, fault.code === "invalid_answer_address" ? this.email : this.send);
      return;
    }
    this.#id = messageId();
    this.text.value = "";
    this.dialog.close();
    if (this.panel.state.conversation === null) this.panel.conversations.choose(conversation);
    else this.panel.view.focus();
  }

  async #post() {
    const { island, store, state, page } = this.panel;
    const address = `/widget/${island.key}/team/?locale=${encodeURIComponent(island.locale)}`;
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${store.token}` };
    if (store.session) headers["X-Chatsite-Session"] = store.session;
    const body = JSON.stringify({
      id: this.#id, conversation: state.conversation, page,
      name: this.name.value, email: this.email.value, text: this.text.value,
    });
    try {
      const answer = await fetch(address, { method: "POST", headers, body, cache: "no-store" });
      const said = await answer.json();
      return answer.ok ? said : { fault: said.error };
    } catch {
      return { fault: { code: "away", text: this.texts.away } };
    }
  }

  #tell(words, field) {
    this.fault.textContent = words;
    for (const input of [this.email, this.text]) {
      input.setAttribute("aria-invalid", String(input === field));
      if (input === field) input.setAttribute("aria-describedby", this.fault.id);
      else input.removeAttribute("aria-describedby");
    }
    field?.focus();
  }
}
