/** Wires the panel: its state in the middle, the site on one side, the page on the other. */

import { Connection } from "./connection.js";
import { Host } from "./host.js";
import { messageId } from "./id.js";
import { noticeUntil } from "./notice.js";
import { outboxDue, waitingItem } from "./outbox.js";
import { helloFrame } from "./protocol.js";
import { emptyState, reduce } from "./reducer.js";
import { Store, storageOpen } from "./store.js";
import { endedBetween, oldestPosition, openReply } from "./timeline.js";
import { View } from "./view.js";

class Panel {
  #timer = 0;

  constructor(island, store) {
    Object.assign(this, { island, store, page: location.href });
    // A visitor without a token has no history to wait for.
    const { conversation, isFresh, token } = store;
    this.state = { ...emptyState(), conversation, isFresh, isKnown: token === null };
    this.view = new View(island, store.draft, this.#acts());
    this.host = new Host(island.hosts, {
      init: ({ page }) => { this.page = String(page); },
      opened: () => this.view.focus(),
    });
    this.connection = new Connection({
      url: island.socket,
      hello: () => helloFrame(this.state, {
        token: store.token, locale: island.locale, page: this.page,
      }),
      onFrame: (frame) => this.#hear(frame),
      onLost: (meaning) => this.#lost(meaning),
      world: {
        WebSocket,
        random: Math.random,
        setTimeout: (act, wait) => setTimeout(act, wait),
        clearTimeout: (timer) => clearTimeout(timer),
      },
    });
  }

  start() {
    this.view.show(this.state, this.state);
    const items = this.store.outbox.map(({ id, text, at }) => waitingItem(id, text, at));
    if (items.length) this.#dispatch({ type: "restored", items });
    if (location.origin !== this.island.origin) {
      console.error(`[chatsite] Open this chat at ${this.island.origin}, the site's SITE_URL.`);
      this.#dispatch({ type: "link", link: "misplaced" });
      return;
    }
    this.connection.start();
    const wake = () => document.visibilityState === "visible" && this.connection.wake();
    for (const name of ["online", "offline"]) addEventListener(name, () => this.connection.wake());
    document.addEventListener("visibilitychange", wake);
    addEventListener("pageshow", ({ persisted }) => persisted && this.connection.wake());
  }

  #dispatch(event) {
    const before = this.state;
    this.state = reduce(before, { now: Date.now(), ...event });
    if (this.state === before) return;
    this.#keep(before);
    this.view.show(this.state, before);
    for (const { position, status } of endedBetween(before, this.state)) {
      this.host.tell("message", { position, status });
    }
    if (this.state.hasGap && !before.hasGap) this.connection.restart();
    else this.#flush();
  }

  /** Writes down what must outlive the page, where it has changed. */
  #keep(before) {
    const { conversation, isFresh, outbox } = this.state;
    if (conversation !== before.conversation) this.store.conversation = conversation;
    if (isFresh !== before.isFresh) this.store.isFresh = isFresh;
    if (outbox !== before.outbox) this.store.outboxKeep(before.outbox, outbox);
  }

  /** Sends what may be sent now, and comes back when more may go or a notice is over. */
  #flush() {
    clearTimeout(this.#timer);
    const now = Date.now();
    const [item] = this.state.link === "open" ? outboxDue(this.state.outbox, now) : [];
    if (item) {
      this.#send(item); // which flushes again with what is left
      return;
    }
    const until = noticeUntil(this.state, now);
    if (until) this.#timer = setTimeout(() => this.#tick(), Math.min(1000, until - now + 20));
  }

  #send({ id, text }) {
    const outcome = this.connection.send({ type: "send", id, text });
    if (outcome === "sent") this.#dispatch({ type: "sent", id });
    if (outcome === "too large") {
      this.#dispatch({ type: "refused", id, text: this.island.texts.tooLarge });
    }
  }

  #tick() {
    const { notice } = this.state;
    if (notice && notice.until <= Date.now()) this.#dispatch({ type: "noticeOver" });
    this.view.showNotice(this.state);
    this.#flush();
  }

  #hear(frame) {
    if (frame.type === "welcome") this.store.token = frame.token;
    if (frame.type === "error") this.host.tell("error", { code: frame.code });
    this.#dispatch(frame);
    if (frame.type === "welcome" && this.state.stopping) this.#sendStop();
  }

  #lost(meaning) {
    if (meaning === "shrink") this.#dispatch({ type: "shrunk", text: this.island.texts.tooLarge });
    if (meaning === "renew") {
      this.store.token = null;
      this.#dispatch({ type: "expired" });
    }
    const isOver = meaning === "stale" || meaning === "gone";
    const link = navigator.onLine ? "reconnecting" : "offline";
    this.#dispatch({ type: "link", link: isOver ? meaning : link });
  }

  #sendStop() {
    this.connection.send({ type: "stop", position: this.state.stopping });
  }

  /** What the customer can do. */
  #acts() {
    return {
      write: (text) => this.#dispatch({ type: "write", id: messageId(), text }),
      stop: () => {
        const reply = openReply(this.state);
        if (!reply) return;
        this.#dispatch({ type: "stopping", position: reply.position });
        this.#sendStop();
      },
      retry: (position) => this.connection.send({ type: "retry", position }),
      edit: (id) => {
        const { text } = this.state.outbox.find((item) => item.id === id);
        this.#dispatch({ type: "takenBack", id });
        this.view.composer.give(text);
      },
      startOver: () => {
        this.#dispatch({ type: "startedOver" });
        this.connection.start();
        this.view.focus();
      },
      older: () => {
        const { hasOlder, isLoadingOlder } = this.state;
        if (!hasOlder || isLoadingOlder) return;
        const before = oldestPosition(this.state);
        if (this.connection.send({ type: "history", before }) === "sent") {
          this.#dispatch({ type: "loadingOlder" });
        }
      },
      close: () => this.host.tell("close"),
      draft: (text) => { this.store.draft = text; },
    };
  }
}

const island = JSON.parse(document.getElementById("chatsite").textContent);
new Panel(island, new Store(storageOpen(() => localStorage), island.key)).start();
