/** A browser around the panel's identity: storage, a clock, a website that is asked, a console. */

import { Identity } from "../../static/widget/identity.js";
import { MemoryStorage, Store } from "../../static/widget/store.js";

export const jwt = (claims) =>
  ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "signature"].join(".");
export const ADA = jwt({ sub: "7", name: "Ada ÿ¿", exp: 1 });
export const ADA_LATER = jwt({ sub: "7", name: "Ada ÿ¿", exp: 2, iat: 1 });
export const BOB = jwt({ sub: "8", name: "Bob", exp: 1 });
export const ADA_RENAMED = jwt({ sub: "7", name: "Ada L.", exp: 2 });

/** A welcome of the site, as far as it concerns who is there. */
export const welcomed = (customer, more = {}) => ({
  token: "token", session: customer && `session-of-${customer}`, customer,
  session_seconds: customer && 3600, ...more,
});
const refusal = (code) => ({ type: "error", code, text: "Kindly.", hint: "Set the clock." });

export class World {
  now = 0;
  timers = new Map();
  next = 1;
  connects = 0;
  told = [];
  events = [];
  lines = [];

  constructor({ isFramed = true, storage = new MemoryStorage() } = {}) {
    this.store = new Store(storage, "demo");
    this.identity = new Identity({
      store: this.store,
      isFramed,
      tell: (type) => this.told.push(type),
      connect: () => { this.connects += 1; },
      dispatch: (event) => this.events.push(event.link ?? event.code ?? event.type),
      world: {
        setTimeout: (act, wait) => {
          this.timers.set(this.next, { act, at: this.now + wait });
          return this.next++;
        },
        clearTimeout: (timer) => this.timers.delete(timer),
        console: {
          error: (line) => this.lines.push(line),
          info: (line) => this.lines.push(`info ${line}`),
        },
      },
    });
  }

  pass(milliseconds) {
    this.now += milliseconds;
    for (const [timer, { act, at }] of [...this.timers]) {
      if (at <= this.now && this.timers.delete(timer)) act();
    }
  }

  /** Somebody whom the site has just let in. */
  static signedIn(customer = "ada", storage = new MemoryStorage()) {
    const world = new World({ storage });
    world.identity.start();
    world.identity.hear({ identity: ADA });
    world.identity.welcome(welcomed(customer));
    Object.assign(world, { connects: 0, told: [], events: [] });
    return world;
  }

  refuse(code) {
    this.identity.refuse(refusal(code));
    this.identity.lost();
  }
}
