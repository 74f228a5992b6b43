/** What outlives the page, in this frame's localStorage, or in memory where that is blocked. */

/** Storage that forgets with the page; the same four calls as the browser's. */
export class MemoryStorage {
  #items = new Map();
  getItem(name) { return this.#items.get(name) ?? null; }
  setItem(name, value) { this.#items.set(name, String(value)); }
  removeItem(name) { this.#items.delete(name); }
  keys() { return [...this.#items.keys()]; }
}

/**
 * Returns storage that works: the browser's if it lets us write, else memory.
 * @param {() => Storage} open  asking alone throws where storage is blocked
 */
export function storageOpen(open) {
  try {
    const storage = open();
    storage.setItem("chatsite", "1");
    storage.removeItem("chatsite");
    return storage;
  } catch {
    return new MemoryStorage();
  }
}

/** One widget's corner of a storage: tokens, draft, and messages not yet acknowledged. */
export class Store {
  constructor(storage, key) {
    this.storage = storage;
    this.prefix = `chatsite:${key}:`;
  }

  get token() { return this.#get("token"); }
  set token(value) { this.#set("token", value); }

  /** What stands for the website's word about who is signed in, for an hour or so. */
  get session() { return this.#get("session"); }
  set session(value) { this.#set("session", value); }

  /** Who was signed in last; another one must not send what they have written. */
  get customer() { return this.#get("customer"); }
  set customer(value) { this.#set("customer", value); }

  /** A trace of whom the website named last, to tell the next one from them. */
  get subject() { return this.#get("subject"); }
  set subject(value) { this.#set("subject", value); }

  /** Tokens that were given up, until the site has heard of it. */
  get revoke() { return this.#get("revoke")?.split(" ") ?? []; }
  set revoke(value) { this.#set("revoke", value.join(" ") || null); }

  /** Whether the customer wants what they wrote before signing in to stay apart. */
  get hasDeclined() { return this.#get("declined") !== null; }
  set hasDeclined(value) { this.#set("declined", value ? "1" : null); }

  /** Calls back when another tab has changed something, with what it is now and what it was. */
  onChange(name, act) {
    addEventListener("storage", ({ key, newValue, oldValue }) => {
      if (key === this.prefix + name) act(newValue, oldValue);
    });
  }

  get draft() { return this.#get("draft") ?? ""; }
  set draft(value) { this.#set("draft", value || null); }

  /** The conversation that is shown; without it the site would choose by its latest activity. */
  get conversation() { return this.#get("conversation"); }
  set conversation(value) { this.#set("conversation", value); }

  /** Whether the customer started over and has not said anything since. */
  get isFresh() { return this.#get("fresh") !== null; }
  set isFresh(value) { this.#set("fresh", value ? "1" : null); }

  get hasSounds() { return this.#get("sounds") !== null; }
  set hasSounds(value) { this.#set("sounds", value ? "1" : null); }

  /** Each message has an entry of its own, so that two tabs never overwrite each other's. */
  get outbox() {
    const keys = this.storage.keys?.() ?? Object.keys(this.storage);
    return keys
      .filter((name) => name.startsWith(`${this.prefix}out:`))
      .map((name) => this.#parse(this.storage.getItem(name)))
      .filter(Boolean)
      .sort((a, b) => a.at - b.at);
  }

  /** Makes the entries equal to what the panel has waiting. */
  outboxKeep(before, after) {
    const kept = new Set(after.map((item) => item.id));
    for (const { id } of before) if (!kept.has(id)) this.#set(`out:${id}`, null);
    const known = new Set(before.map((item) => item.id));
    for (const item of after) {
      if (!known.has(item.id)) {
        this.#set(`out:${item.id}`, JSON.stringify({ id: item.id, text: item.text, at: item.at }));
      }
    }
  }

  #parse(text) {
    try {
      const item = JSON.parse(text);
      return typeof item.id === "string" && typeof item.text === "string" ? item : null;
    } catch {
      return null;
    }
  }

  #get(name) {
    try {
      return this.storage.getItem(this.prefix + name);
    } catch {
      return null;
    }
  }

  #set(name, value) {
    try {
      if (value === null) this.storage.removeItem(this.prefix + name);
      else this.storage.setItem(this.prefix + name, value);
    } catch {
      // The storage is full or was blocked meanwhile: the chat goes on without it.
    }
  }
}
