/**
 * Chatsite's launcher: what a website embeds with one script tag.
 *
 *   <script async src="https://chat.example.com/widget.js" data-widget="PUBLIC_KEY"></script>
 *
 * docs/embedding.md tells of every setting, call and event; a test compares it with SETTINGS,
 * the methods of Widget, and what is emitted here. It is delivered as one file with what it
 * imports (conversations/widget/scripts.py).
 */
import { Frame } from "./frame.js";
import { launcherDraw, launcherDress } from "./launcher.js";

(() => {
  const script = document.currentScript;
  if (!script) return; // a module would not know its own address
  const early = window.chatsite;
  if (early?.mount) { // another tag, or the same one put in again by a single-page app
    early.mount(script.dataset);
    return;
  }

  const site = new URL(script.src).origin;
  /** What a tag may set as data-…, and a page for all its tags in window.chatsiteSettings. */
  const SETTINGS = [
    "widget", "locale", "colorScheme", "position", "hideLauncher", "manual", "zIndex",
    "horizontalPadding", "verticalPadding", "unreadInTitle", "launcherLabel",
  ];
  const widgets = new Map(); // by key
  const complain = (words) => console.error(`[chatsite] ${words}`);
  const isYes = (value) => String(value) === "true";

  class Widget {
    hasLoaded = false;
    isOpen = false;
    #settings = {};
    #attributes = {};
    #user; // what setUser has given; null after reset, for then the panel must forget
    #unread = 0;
    #wanted = false; // what was wished before there was anything to open
    #asking = null; // while the settings are being fetched
    #look = null; // the settings, as the site tells them
    #parts = null; // what stands on the page
    #frame = null;

    constructor(settings) {
      this.#set(window.chatsiteSettings);
      this.#set(settings);
      widgets.set(this.#settings.widget, this);
      addEventListener("message", (event) => this.#hear(event));
      addEventListener("click", (event) => {
        const opener = event.target.closest?.("[data-chatsite-open]");
        if (!opener || (widgets.get(opener.dataset.chatsiteOpen) ?? first) !== this) return;
        event.preventDefault();
        this.open();
      });
    }

    open() { this.toggle(true); }

    close() { this.toggle(false); }

    toggle(to = !(this.hasLoaded ? this.isOpen : this.#wanted)) {
      const isOpen = to === true || to === "open";
      if (this.hasLoaded) this.#turn(isOpen);
      else {
        this.#wanted = isOpen;
        if (isOpen) this.mount();
      }
    }

    toggleLauncher(to = this.#isHidden) {
      this.#settings.hideLauncher = to !== true && to !== "show";
      this.#dress();
    }

    setLocale(locale) {
      this.#settings.locale = locale;
      if (this.#asking || this.#parts) this.#ask();
    }

    setColorScheme(scheme) {
      this.#settings.colorScheme = scheme;
      this.#dress();
      this.#tell("scheme", { scheme });
    }

    setLauncherLabel(label) {
      this.#settings.launcherLabel = label ?? undefined; // again as the widget's settings say
      this.#dress();
    }

    setCustomAttributes(attributes) {
      Object.assign(this.#attributes, attributes);
      this.#tell("attributes", { attributes: this.#attributes });
    }

    deleteCustomAttribute(name) { this.setCustomAttributes({ [name]: null }); }

    setUser(given) {
      this.#user = { ...given };
      this.#identify();
    }

    reset() {
      this.#user = null;
      this.#identify();
    }

    /** Draws the widget, again if need be. A tag's settings may be of another one, or wait. */
    mount(given) {
      const key = given?.widget ?? this.#settings.widget;
      if (key !== this.#settings.widget) return (widgets.get(key) ?? new Widget(given)).mount(given);
      this.#set(given);
      if (given && isYes(this.#settings.manual)) return this;
      if (this.#parts && !this.#parts.host.isConnected) this.unmount(); // the app's page is gone
      if (!this.#asking && !this.#parts) this.#ask();
      return this;
    }

    unmount() {
      const wasThere = this.hasLoaded;
      this.#asking?.abort();
      this.#count(0);
      this.#parts?.host.remove();
      this.#frame?.leave();
      this.#asking = this.#parts = this.#frame = null;
      this.hasLoaded = this.isOpen = this.#wanted = false;
      if (wasThere) this.#emit("unmounted");
    }

    widget(key) { return widgets.get(key); }

    push = ([name, ...given]) => {
      if (typeof this[name] === "function" && name !== "push") this[name](...given);
      else complain(`There is no call named "${name}".`);
    };

    get #identity() { return this.#user && this.#user.identity; } // null, if it was taken away

    get #isHidden() { return isYes(this.#settings.hideLauncher ?? this.#look?.isHidden); }

    #set(given = {}) {
      for (const name of SETTINGS) if (name in given) this.#settings[name] = given[name];
    }

    #emit(name, detail) {
      detail = { widget: this.#settings.widget, ...detail };
      window.dispatchEvent(new CustomEvent(`chatsite:${name}`, { detail }));
    }

    #fail(code, words) {
      complain(`The chat stays hidden: ${words}`);
      this.#emit("error", { code });
    }

    async #ask() {
      this.#asking?.abort();
      const { signal } = this.#asking = new AbortController();
      try {
        const look = await this.#answer(signal);
        if (!document.body) await new Promise((go) => addEventListener("DOMContentLoaded", go));
        if (look && !signal.aborted) this.#show(look);
      } finally {
        if (!signal.aborted) this.#asking = null;
      }
    }

    /** Returns what the site says of the widget, or nothing, and then the console says why. */
    async #answer(signal) {
      const { widget: key, locale } = this.#settings;
      if (!key) return this.#fail("no_widget", 'the tag needs data-widget="…", its public key.');
      const wanted = locale || document.documentElement.lang || navigator.language;
      const address = `${site}/widget/${encodeURIComponent(key)}.json`
        + `?locale=${encodeURIComponent(wanted)}`;
      let answer;
      let look;
      try {
        answer = await fetch(address, { credentials: "omit", signal });
        look = await answer.json();
      } catch {
        if (signal.aborted) return;
        return this.#fail("unreachable", `${site} gave no answer. Is it up, and does this page's `
          + "connect-src allow it?");
      }
      if (answer.ok && look.origin === site) return look;
      const { error, origin = new URL(answer.url).origin } = look;
      if (error && !answer.redirected) this.#fail(error.code, error.hint);
      else this.#fail("wrong_address", `the tag's src must begin with ${origin}/`);
    }

    #show(look) {
      this.#look = look;
      const isNew = !this.#parts;
      if (isNew) this.#draw();
      this.#dress();
      if (this.#frame) this.#load();
      if (!isNew) return;
      this.hasLoaded = true;
      this.#emit("ready");
      if (this.#user === null) this.#identify();
      if (this.#wanted) this.open();
    }

    #draw() {
      this.#parts = launcherDraw(this.#settings.widget, this.#look);
      const { button, leave, root } = this.#parts;
      button.addEventListener("click", () => this.toggle());
      leave.addEventListener("click", () => this.close());
      root.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
    }

    /** Makes what stands on the page fit what is known. */
    #dress() {
      if (!this.#parts) return;
      const unread = this.#unread;
      const now = { isOpen: this.isOpen, isHidden: this.#isHidden, unread };
      launcherDress(this.#parts, this.#look, this.#settings, now);
      if (!isYes(this.#settings.unreadInTitle)) return;
      const title = document.title.replace(/^\(\d+\) /, ""); // a page may rename itself meanwhile
      document.title = unread ? `(${unread}) ${title}` : title;
    }

    /** The panel is loaded on the first opening, and anew in another language. */
    #load() {
      const { panel, texts, locale } = this.#look;
      this.#frame ??= new Frame(this.#parts);
      this.#frame.node.title = texts.title;
      const scheme = encodeURIComponent(this.#settings.colorScheme ?? "auto");
      this.#frame.load(`${site}${panel}?locale=${locale}&scheme=${scheme}`);
    }

    #greet() {
      const isFirst = this.#frame.arrive(); // later the customer's focus stays where it is
      this.#tell("init", { attributes: this.#attributes, identity: this.#identity });
      if (isFirst && this.isOpen) this.#tell("opened");
    }

    /** Signing out must reach the panel's storage even if nobody has opened it yet. */
    #identify() {
      if (!this.#user && this.#parts && !this.#frame) this.#load();
      this.#tell("identity", { identity: this.#identity });
    }

    async #renew() {
      const asked = this.#user;
      const identity = await (async () => asked.refresh())().catch(() => "");
      if (this.#user !== asked) return;
      if (identity) asked.identity = identity;
      this.#tell("identity", { identity: identity || "" });
    }

    #turn(isOpen) {
      if (isOpen === this.isOpen) return;
      if (isOpen) {
        for (const other of widgets.values()) if (other !== this) other.close();
        this.#count(0);
        this.#parts.opener = document.activeElement; // its focus comes back without a launcher
        if (!this.#frame) this.#load();
      }
      this.isOpen = isOpen;
      this.#dress();
      const { button, opener } = this.#parts;
      if (isOpen) this.#frame.focus();
      else (button.hidden ? opener : button)?.focus?.();
      if (isOpen) this.#tell("opened");
      this.#emit(isOpen ? "opened" : "closed");
    }

    #tell(type, detail) {
      const message = { chatsite: 1, type, page: location.href, ...detail };
      if (this.#frame?.isHere) this.#frame.node.contentWindow.postMessage(message, site);
    }

    #hear({ source, origin, data }) {
      if (origin !== site || source !== this.#frame?.node.contentWindow || data?.chatsite !== 1) return;
      const { type, code, position, status } = data;
      if (type === "here") this.#greet();
      if (type === "close") this.close();
      if (type === "identity-wanted") this.#renew();
      if (type === "error") this.#emit(type, { code });
      if (type === "started") this.#emit(type);
      if (type !== "message") return;
      this.#emit(type, { position, status });
      if (!this.isOpen) this.#count(this.#unread + 1);
    }

    #count(unread) {
      if (unread === this.#unread) return;
      this.#unread = unread;
      this.#dress();
      this.#emit("unread", { count: unread });
    }
  }

  const first = new Widget(script.dataset);
  window.chatsite = first;
  if (Array.isArray(early)) early.forEach(first.push);
  first.mount(script.dataset);
})();
