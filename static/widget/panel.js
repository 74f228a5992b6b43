/** Wires the panel: its state in the middle, the site on one side, the page on the other. */

import { attributesRead } from "./attributes.js";
import { Chime, Title } from "./attention.js";
import { Connection } from "./connection.js";
import { Conversations } from "./conversations.js";
import { Host } from "./host.js";
import { messageId } from "./id.js";
import { Identity } from "./identity.js";
import { Later } from "./later.js";
import { noticeUntil } from "./notice.js";
import { outboxDue } from "./outbox.js";
import { helloFrame } from "./protocol.js";
import { emptyState, reduce } from "./reducer.js";
import { MemoryStorage, Store, storageOpen } from "./store.js";
import { schemeApply } from "./theme.js";
import { endedBetween, oldestPosition, openReply } from "./timeline.js";
import { View } from "./view.js";
import { Written } from "./written.js";

class Panel {
  #timer = 0;

  constructor(island, store) {
    Object.assign(this, { island, store, page: location.href, attributes: {} });
    // A visitor without a token has no history to wait for.
    const { conversation, isFresh, token } = store;
    this.state = { ...emptyState(), conversation, isFresh, isKnown: token === null };
    this.title = new Title();
    this.chime = new Chime();
    this.host = new Host(island.hosts, {
      init: (said) => {
        this.#learn(said);
        this.identity.hear(said);
      },
      attributes: (said) => this.#learn(said),
      scheme: ({ scheme }) => schemeApply(scheme),
      identity: (said) => this.identity.hear(said),
      opened: ({ page }) => {
        this.page = String(page);
        this.view.focus();
      },
    });
    const world = {
      WebSocket,
      random: Math.random,
      setTimeout: (act, wait) => setTimeout(act, wait),
      clearTimeout: (timer) => clearTimeout(timer),
      console,
    };
    this.connection = new Connection({
      url: island.socket,
      hello: () => this.#hello(),
      onFrame: (frame) => this.#hear(frame),
      onLost: (meaning) => this.#lost(meaning),
      world,
    });
    this.identity = new Identity({
      store,
      tell: (type) => this.host.tell(type),
      connect: () => {
        this.written.show(this.view.composer);
        this.connection.start();
      },
      dispatch: (event) => this.#dispatch(event),
      isFramed: island.hosts.length > 0,
      world,
    });
    this.conversations = new Conversations({
      island,
      store,
      state: () => this.state,
      connection: this.connection,
      dispatch: (event) => this.#dispatch(event),
      hear: (frame) => this.#hear(frame),
      giveBack: () => this.#giveBack(),
      focus: () => this.view.focus(),
    });
    this.team = new Later(island.team, () => this);
    this.written = new Written(store, (event) => this.#dispatch(event));
    this.view = new View(island, this.#acts());
    this.view.showSounds(store.hasSounds);
  }

  start() {
    this.view.show(this.state, this.state);
    // A customer's words wait until the website has said whether another one is here now.
    if (!this.store.customer || !this.island.hosts.length) {
      this.written.show(this.view.composer);
    }
    if (this.island.isPreview) {
      this.#dispatch({ type: "welcome", conversation: null, revision: 0, messages: [] });
      return;
    }
    if (location.origin !== this.island.origin) {
      console.error(`[chatsite] Open this chat at ${this.island.origin}, the site's SITE_URL.`);
      this.#dispatch({ type: "link", link: "misplaced" });
      return;
    }
    const change = () => this.view.show(this.state, this.state);
    for (const [at] of this.island.presence.changes) setTimeout(change, at - Date.now());
    this.identity.start();
    this.store.onChange("customer", (customer, before) => {
      const type = customer && !before ? "expired" : "signedOut";
      this.#dispatch({ type, isKnown: !customer });
      this.connection.start();
    });
    this.store.onChange("conversation", (conversation) => {
      // It began in another tab; here nothing was said yet.
      const { outbox, conversation: own } = this.state;
      if (!conversation || own || outbox.length) return;
      this.#dispatch({ type: "chosen", conversation });
      this.connection.start();
    });
    const wake = () => document.visibilityState === "visible" && this.connection.wake();
    for (const name of ["online", "offline"]) addEventListener(name, () => this.connection.wake());
    document.addEventListener("visibilitychange", wake);
    addEventListener("pageshow", ({ persisted }) => persisted && this.connection.wake());
  }

  #hello() {
    const { page, attributes, island } = this;
    this.told = attributes;
    return helloFrame(this.state, {
      ...this.identity.proof, locale: island.locale, page, attributes,
    });
  }

  /** Takes in what the website says of itself and of the conversation. */
  #learn({ page, attributes: given }) {
    const { attributes, dropped } = attributesRead(given);
    if (dropped.length) console.error(`[chatsite] Attributes not kept: ${dropped.join(", ")}.`);
    Object.assign(this, { page: String(page), attributes });
    this.#tellAttributes();
  }

  /** Passes them on, unless the site has just heard them in a hello. */
  #tellAttributes() {
    const { attributes, told } = this;
    if (JSON.stringify(attributes) === JSON.stringify(told ?? {})) return;
    const outcome = this.connection.send({ type: "attributes", attributes });
    if (outcome === "sent") this.told = attributes;
  }

  #dispatch(event) {
    const before = this.state;
    this.state = reduce(before, { now: Date.now(), ...event });
    if (this.state === before) return;
    if (event.type === "signedOut") this.written.drop(this.view.composer);
    this.#keep(before);
    this.view.show(this.state, before);
    this.conversations.show(this.state);
    this.#showTeam();
    const ended = endedBetween(before, this.state);
    for (const { position, status } of ended) this.host.tell("message", { position, status });
    if (ended.length) this.#ring(ended.length);
    if (this.state.hasGap && !before.hasGap) this.connection.restart();
    else this.#flush();
  }

  /** The way to a person is fetched once there is one, and sees all from then on. */
  async #showTeam() {
    if (this.state.team ?? this.team.made) (await this.team.get())?.show();
  }

  #ring(count) {
    this.title.add(count);
    if (this.store.hasSounds) this.chime.play();
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
    const { type, code } = frame;
    if (type === "error") this.host.tell("error", { code });
    if (type === "accepted" && frame.position === 1) this.host.tell("started");
    if (type === "error" && code.startsWith("identity_")) {
      this.identity.refuse(frame);
      return; // the website is asked first; perhaps the customer need not know
    }
    if (type === "welcome") {
      this.identity.welcome(frame);
      const { hasDeclined, token } = this.store;
      this.conversations.askJoining(frame.joinable && !hasDeclined && token !== null);
    }
    if (type === "erased" && frame.conversation === this.state.conversation) this.#giveBack();
    this.#dispatch(frame);
    if (type === "joined") this.connection.start();
    if (type !== "welcome") return;
    this.#tellAttributes();
    if (this.state.stopping) this.#sendStop();
    if (this.state.talks?.isLoading) this.conversations.more();
  }

  #lost(meaning) {
    if (meaning === "shrink") this.#dispatch({ type: "shrunk", text: this.island.texts.tooLarge });
    if (meaning === "renew") {
      this.store.token = null;
      this.#dispatch({ type: "expired" });
    }
    const links = { stale: "stale", gone: "gone", unverified: "connecting" };
    const link = links[meaning] ?? (navigator.onLine ? "reconnecting" : "offline");
    this.#dispatch({ type: "link", link });
    if (meaning === "unverified") this.identity.lost();
  }

  #sendStop() {
    this.connection.send({ type: "stop", position: this.state.stopping });
  }

  /** Puts what was not yet sent back into the field: it was meant for this conversation. */
  #giveBack() {
    for (const { text } of [...this.state.outbox].reverse()) this.view.composer.give(text);
  }

  /** What the customer can do. */
  #acts() {
    return {
      conversations: this.conversations,
      write: (text) => this.#dispatch({ type: "write", id: messageId(), text }),
      stop: () => {
        const reply = openReply(this.state);
        if (!reply) return;
        this.#dispatch({ type: "stopping", position: reply.position });
        this.#sendStop();
      },
      retry: (position) => this.connection.send({ type: "retry", position }),
      rate: (position, rating) => this.connection.send({ type: "rate", position, ...rating }),
      askWhy: (onSaid) => this.conversations.askWhy(onSaid),
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
      toggleSounds: () => {
        this.store.hasSounds = !this.store.hasSounds;
        if (this.store.hasSounds) this.chime.play();
        return this.store.hasSounds;
      },
      close: () => this.host.tell("close"),
      draft: (text) => this.written.keep(text),
    };
  }
}

const island = JSON.parse(document.getElementById("chatsite").textContent);
// What an owner tries out in a preview is nobody's draft and no visitor's token.
const storage = island.isPreview ? new MemoryStorage() : storageOpen(() => localStorage);
new Panel(island, new Store(storage, island.key)).start();
