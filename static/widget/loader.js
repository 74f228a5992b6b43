/**
 * Chatsite's launcher: what a website embeds with one script tag.
 *
 *   <script async src="https://chat.example.com/widget.js" data-widget="PUBLIC_KEY"></script>
 *
 * Settings, as data attributes or in window.chatsiteSettings (which wins): widget, locale,
 * position ("right", "left"), zIndex, horizontalPadding, verticalPadding, hideLauncher.
 * Calls: chatsite.open(), .close(), .toggle(), or chatsite.push(["open"]) before this has loaded.
 * Events on window: chatsite:ready, :opened, :closed, :message, :error.
 */
(() => {
  "use strict";
  const script = document.currentScript;
  const early = window.chatsite;
  if (!script || early?.hasLoaded !== undefined) return; // a second tag on the same page

  const site = new URL(script.src).origin;
  const settings = { ...script.dataset, ...window.chatsiteSettings };
  const locale = settings.locale || document.documentElement.lang || navigator.language;

  const say = (words) => console.error(`[chatsite] The chat stays hidden: ${words}`);
  const emit = (name, detail = {}) =>
    window.dispatchEvent(new CustomEvent(`chatsite:${name}`, { detail }));

  /** Set once the launcher stands; until then `wanted` remembers the last wish. */
  let launcher = null;
  let wanted = false;

  const api = {
    hasLoaded: false,
    isOpen: false,
    open: () => api.toggle(true),
    close: () => api.toggle(false),
    toggle(isOpen = !(launcher ? api.isOpen : wanted)) {
      if (launcher) launcher.set(isOpen);
      else wanted = isOpen;
    },
    push([name, ...given]) {
      if (typeof api[name] === "function" && name !== "push") api[name](...given);
      else console.error(`[chatsite] There is no call named "${name}".`);
    },
  };
  window.chatsite = api;
  if (Array.isArray(early)) early.forEach(api.push);

  const CSS = `
    :host { all: initial; }
    [hidden] { display: none !important; }
    .launcher, .panel {
      position: fixed; bottom: calc(var(--y) + env(safe-area-inset-bottom, 0px));
      inset-inline: auto; z-index: var(--z);
    }
    .right { right: calc(var(--x) + env(safe-area-inset-right, 0px)); }
    .left { left: calc(var(--x) + env(safe-area-inset-left, 0px)); }
    .launcher {
      width: 56px; height: 56px; padding: 0; border: 0; border-radius: 50%;
      display: grid; place-items: center; cursor: pointer;
      background: var(--chatsite-accent); color: var(--chatsite-on-accent);
      box-shadow: 0 2px 6px rgb(0 0 0 / 14%), 0 8px 24px rgb(0 0 0 / 18%);
      transition: transform 150ms ease-out, box-shadow 150ms ease-out;
      touch-action: manipulation; -webkit-tap-highlight-color: transparent;
    }
    .launcher:hover { transform: translateY(-1px); }
    .launcher:active { transform: scale(.96); }
    .launcher:focus-visible { outline: 3px solid var(--chatsite-accent); outline-offset: 3px; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round; }
    .badge {
      position: absolute; top: -2px; inset-inline-end: -2px; min-width: 20px; height: 20px;
      box-sizing: border-box; padding: 0 6px; border-radius: 10px; border: 2px solid #fff;
      background: #c5221f; color: #fff; font: 600 11px/16px system-ui, sans-serif;
    }
    .panel {
      margin-bottom: 72px; width: 384px; max-width: calc(100vw - 2 * var(--x));
      height: min(680px, 100dvh - 96px - var(--y)); border-radius: 16px; overflow: hidden;
      background: #fff; box-shadow: 0 4px 12px rgb(0 0 0 / 10%), 0 12px 48px rgb(0 0 0 / 22%);
      animation: rise 160ms ease-out;
    }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    @keyframes rise { from { opacity: 0; transform: translateY(8px); } }
    @media (prefers-color-scheme: dark) {
      .panel { background: #16181d; outline: 1px solid #2e323a; }
      .badge { border-color: #16181d; }
    }
    @media (max-width: 480px) {
      .panel {
        inset: 0; margin: 0; width: 100%; max-width: none; height: 100dvh; border-radius: 0;
      }
      .launcher[aria-expanded="true"] { display: none; }
    }
    @media (prefers-reduced-motion: reduce) {
      * { animation: none !important; transition: none !important; }
    }
    @media (forced-colors: active) { .launcher, .panel, .badge { border: 2px solid; } }
    @media print { .launcher, .panel { display: none; } }`;

  const SVG = "http://www.w3.org/2000/svg";
  const SHAPES = {
    chat: "M12 4c-5 0-9 3.4-9 7.6 0 2.3 1.2 4.4 3.2 5.8L5.5 20.5l3.7-1.6"
      + "c.9.2 1.8.3 2.8.3 5 0 9-3.4 9-7.6S17 4 12 4z",
    down: "m6 9 6 6 6-6",
  };

  /** White or black, whichever reads on the accent by WCAG's contrast, as in contrast.js. */
  function textOn(accent) {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const share = parseInt(accent.slice(i, i + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b <= 0.1833 ? "#fff" : "#000";
  }

  function make(tag, parent, attributes) {
    const node = document.createElement(tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return parent.appendChild(node);
  }

  class Launcher {
    constructor(key, { accent, texts, panel, locale: language }) {
      Object.assign(this, { texts, unread: 0 });
      this.address = `${site}${panel}?locale=${encodeURIComponent(language)}`;
      const host = make("div", document.body, { "data-chatsite": key });
      const root = host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
      const variables = {
        "--chatsite-accent": accent,
        "--chatsite-on-accent": textOn(accent),
        "--x": `${Number(settings.horizontalPadding ?? 20)}px`,
        "--y": `${Number(settings.verticalPadding ?? 20)}px`,
        "--z": Number(settings.zIndex ?? 2147483000),
      };
      for (const name in variables) host.style.setProperty(name, variables[name]);
      this.draw(root, settings.position === "left" ? "left" : "right");
      window.addEventListener("message", (event) => this.hear(event));
    }

    draw(root, side) {
      this.panel = make("div", root, {
        class: `panel ${side}`, role: "dialog", "aria-label": this.texts.title,
      });
      this.panel.hidden = true;
      this.button = make("button", root, {
        class: `launcher ${side}`, type: "button", "aria-expanded": "false",
      });
      this.button.hidden = String(settings.hideLauncher) === "true";
      const svg = this.button.appendChild(document.createElementNS(SVG, "svg"));
      svg.setAttribute("viewBox", "0 0 24 24");
      svg.setAttribute("aria-hidden", "true");
      this.shape = svg.appendChild(document.createElementNS(SVG, "path"));
      this.badge = make("span", this.button, { class: "badge", "aria-hidden": "true" });
      this.button.addEventListener("click", () => api.toggle());
      root.addEventListener("keydown", ({ key }) => key === "Escape" && api.isOpen && api.close());
      this.label();
    }

    /** The panel is loaded on the first opening and kept from then on. */
    load() {
      this.frame = make("iframe", this.panel, {
        src: this.address, title: this.texts.title, allow: "clipboard-write",
      });
      this.frame.addEventListener("load", () => {
        this.hasLoaded = true;
        this.tell("init", { page: location.href });
        if (api.isOpen) this.tell("opened");
      });
    }

    set(isOpen) {
      if (isOpen === api.isOpen) return;
      api.isOpen = isOpen;
      this.panel.hidden = !isOpen;
      this.button.setAttribute("aria-expanded", String(isOpen));
      if (isOpen) {
        this.unread = 0;
        this.opener = document.activeElement; // its focus comes back if there is no launcher
        if (!this.frame) this.load();
        this.frame.focus();
        this.tell("opened");
      } else if (this.button.hidden) this.opener?.focus?.();
      else this.button.focus();
      this.label();
      emit(isOpen ? "opened" : "closed");
    }

    label() {
      const { open, close, unread } = this.texts;
      const words = this.unread ? unread.replace("{count}", this.unread) : open;
      this.button.setAttribute("aria-label", api.isOpen ? close : words);
      this.shape.setAttribute("d", api.isOpen ? SHAPES.down : SHAPES.chat);
      this.badge.hidden = !this.unread;
      this.badge.textContent = this.unread > 9 ? "9+" : this.unread;
    }

    tell(type, detail) {
      const message = { chatsite: 1, type, ...detail };
      if (this.hasLoaded) this.frame.contentWindow.postMessage(message, site);
    }

    hear({ source, origin, data }) {
      if (origin !== site || source !== this.frame?.contentWindow || data?.chatsite !== 1) return;
      if (data.type === "close") api.close();
      if (data.type === "error") emit("error", { code: data.code });
      if (data.type === "message") {
        if (!api.isOpen) this.unread += 1;
        this.label();
        emit("message", { position: data.position, status: data.status });
      }
    }
  }

  async function start() {
    const key = settings.widget;
    if (!key) return say('the script tag needs data-widget="…", the widget\'s public key.');
    let answer;
    try {
      const query = `locale=${encodeURIComponent(locale)}`;
      const address = `${site}/widget/${encodeURIComponent(key)}.json?${query}`;
      answer = await fetch(address, { credentials: "omit" });
    } catch {
      emit("error", { code: "origin_not_allowed" });
      return say(`${site} cannot be reached, or ${location.origin} is not among the allowed `
        + `origins of widget "${key}". Add exactly this origin in the admin.`);
    }
    if (!answer.ok) {
      emit("error", { code: answer.status === 404 ? "unknown_widget" : "error" });
      return say(answer.status === 404
        ? `no active widget has the key "${key}". Copy the snippet from the admin again.`
        : `${site} answered ${answer.status}.`);
    }
    launcher = new Launcher(key, await answer.json());
    api.hasLoaded = true;
    emit("ready");
    if (wanted) api.open();
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
