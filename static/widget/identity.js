/**
 * Who is signed in, as far as the website vouches for it: its JWT is exchanged for a session,
 * asked for again before that ends or when it is refused, and given up when somebody signs out.
 */

/** Time for the website to say who is there, before the chat begins without. */
const INIT_MS = 1000;
/** Time for the website's server to make another JWT. */
const ANSWER_MS = 10_000;
const RENEW_BEFORE_MS = 60_000;
const RENEW_SOONEST_MS = 5000;

export class Identity {
  /** The website's word, until it is exchanged; it is never written down. */
  #jwt = null;
  /** What the last one said, apart from its times. */
  #said = "";
  /** Whether another one is wanted even if it says the same. */
  #isWanted = true;
  /** Whether the website was asked since it was last believed: once is enough. */
  #hasAsked = false;
  /** Whether the website has named another customer than the one the site knows of. */
  #isAnother = false;
  /** The last refusal. */
  #refusal = null;
  #waiting = 0;
  #renewal = 0;

  /**
   * @param {object} given
   * @param {import("./store.js").Store} given.store
   * @param {(type: string) => void} given.tell  the website
   * @param {() => void} given.connect  says hello on a new socket
   * @param {(event: object) => void} given.dispatch
   * @param {boolean} given.isFramed  whether there is a website to ask
   * @param {object} given.world  setTimeout, clearTimeout, console
   */
  constructor({ store, tell, connect, dispatch, isFramed, world }) {
    Object.assign(this, { store, tell, connect, dispatch, isFramed, world });
  }

  /** Begins the chat, as soon as the website has said who is there. */
  start() {
    if (this.isFramed) this.#wait(INIT_MS);
    else this.connect();
  }

  /**
   * Hears the website: a JWT, null when somebody has signed out, "" when it has no JWT for us,
   * undefined while it has not said anything.
   * @param {{identity?: string|null}} message
   */
  hear({ identity }) {
    const isAwaited = this.#waiting > 0;
    this.#stopWaiting();
    if (identity === null) this.#signOut();
    else if (identity) this.#take(String(identity), isAwaited);
    else if (isAwaited) this.#goOn();
  }

  /** What the next hello says of the customer. */
  get proof() {
    const { token, session, revoke } = this.store;
    return { token, session, identity: this.#jwt, revoke };
  }

  /** Takes from a welcome what proves the customer the next time; before it is shown. */
  welcome({ token, session, customer, session_seconds: seconds }) {
    const { store, world } = this;
    const isOther = customer && store.customer && customer !== store.customer;
    if (isOther) {
      store.hasDeclined = false;
      // What was written since the website has named them is their own.
      if (!this.#isAnother) this.dispatch({ type: "signedOut" });
    }
    this.#isAnother = false;
    store.revoke = [];
    // What was said before belongs to who was here before. To revoke the token would end this very
    // stay, which began with it, as soon as another tab says hello.
    store.token = isOther ? null : token;
    store.session = session;
    if (customer) store.customer = customer;
    if (session) this.#hasAsked = false;
    this.#jwt = this.#refusal = null;
    world.clearTimeout(this.#renewal);
    if (!session) return;
    const wait = Math.max(RENEW_SOONEST_MS, seconds * 1000 - RENEW_BEFORE_MS);
    this.#renewal = world.setTimeout(() => this.#ask(), wait);
  }

  /** Hears why nobody was let in; what was refused is of no use any more. */
  refuse(frame) {
    const { code, hint } = frame;
    const isNews = code !== "identity_required";
    this.world.console[isNews ? "error" : "info"](`[chatsite] ${code}: ${hint}`);
    if (!isNews) this.store.revoke = []; // it was heard, whatever came of the rest
    this.store.session = this.#jwt = null;
    this.#said = "";
    this.#refusal = frame;
    this.world.clearTimeout(this.#renewal);
  }

  /** The socket has closed after a refusal: asks the website once, or goes on without. */
  lost() {
    if (this.#hasAsked || !this.isFramed) {
      this.#goOn();
      return;
    }
    this.#hasAsked = true;
    this.#wait(ANSWER_MS);
    this.#ask();
  }

  #ask() {
    this.#isWanted = true;
    this.tell("identity-wanted");
  }

  #take(jwt, isAwaited) {
    const { said, subject } = claimsOf(jwt);
    if (said === this.#said && !this.#isWanted && !isAwaited) return;
    this.#said = said;
    this.#isWanted = false;
    this.#jwt = jwt;
    this.#name(subject);
    // What a browser has said, and what a customer has, are two histories.
    if (!this.store.customer) this.dispatch({ type: "expired" });
    this.connect();
  }

  /** The one who was here until now must be out of sight before the site has answered. */
  #name(subject) {
    const { store } = this;
    if (!subject || subject === store.subject) return;
    if (store.subject) {
      this.#isAnother = true;
      store.session = null;
      this.dispatch({ type: "signedOut" });
    }
    store.subject = subject;
  }

  /** Nobody vouches for the customer. */
  #goOn() {
    const refusal = this.#refusal;
    if (refusal?.code === "identity_required") {
      this.dispatch({ type: "link", link: "unverified" });
      return;
    }
    if (refusal) {
      this.dispatch({ type: "expired" });
      this.dispatch(refusal);
    }
    this.connect();
  }

  #signOut() {
    const { store } = this;
    const { token, session, revoke } = store;
    store.revoke = [...revoke, token, session].filter(Boolean).slice(-16);
    store.token = store.session = null;
    store.customer = null; // the last to go: other tabs say hello once they see it gone
    store.hasDeclined = false;
    store.subject = null;
    this.#jwt = this.#refusal = null;
    this.#said = "";
    this.#isWanted = true;
    this.#hasAsked = false;
    this.world.clearTimeout(this.#renewal);
    this.dispatch({ type: "signedOut", isKnown: true });
    this.connect();
  }

  #wait(milliseconds) {
    this.#waiting = this.world.setTimeout(() => {
      this.#waiting = 0;
      this.#goOn();
    }, milliseconds);
  }

  #stopWaiting() {
    this.world.clearTimeout(this.#waiting);
    this.#waiting = 0;
  }
}

/**
 * Returns what a JWT says apart from its times, and a trace of whom it names; the site alone
 * decides whether to believe it.
 */
function claimsOf(jwt) {
  try {
    const body = jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(body));
    const said = JSON.stringify({ ...claims, iat: 0, exp: 0, nbf: 0, jti: 0 });
    return { said, subject: claims.sub ? trace(String(claims.sub)) : null };
  } catch {
    return { said: jwt, subject: null };
  }
}

/** Returns what differs where two texts differ, all but surely, and does not tell the text. */
const trace = (text) =>
  String([...text].reduce((sum, unit) => Math.imul(sum ^ unit.codePointAt(), 16777619), 0));
