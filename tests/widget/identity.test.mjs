import assert from "node:assert/strict";
import { test } from "node:test";

import { Identity } from "../../static/widget/identity.js";
import { MemoryStorage, Store } from "../../static/widget/store.js";

const jwt = (claims) =>
  ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "signature"].join(".");
const ADA = jwt({ sub: "7", name: "Ada ÿ¿", exp: 1 });
const ADA_LATER = jwt({ sub: "7", name: "Ada ÿ¿", exp: 2, iat: 1 });
const BOB = jwt({ sub: "8", name: "Bob", exp: 1 });
const ADA_RENAMED = jwt({ sub: "7", name: "Ada L.", exp: 2 });

const welcomed = (customer, more = {}) => ({
  token: "token", session: customer && `session-of-${customer}`, customer,
  session_seconds: customer && 3600, ...more,
});
const refusal = (code) => ({ type: "error", code, text: "Kindly.", hint: "Set the clock." });

class World {
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

test("a page of its own begins at once", () => {
  const world = new World({ isFramed: false });
  world.identity.start();
  assert.equal(world.connects, 1);
});

test("in a frame it begins once the website has said who is there", () => {
  const world = new World();
  world.identity.start();
  assert.equal(world.connects, 0);
  world.identity.hear({ identity: ADA });
  assert.equal(world.connects, 1);
  assert.equal(world.identity.proof.identity, ADA);
  world.pass(60_000);
  assert.equal(world.connects, 1);
});

test("a website that says nobody is there, or nothing, gets an anonymous chat", () => {
  const world = new World();
  world.identity.start();
  world.identity.hear({});
  assert.deepEqual([world.connects, world.identity.proof.identity], [1, null]);
  const silent = new World();
  silent.identity.start();
  silent.pass(999);
  assert.equal(silent.connects, 0);
  silent.pass(1);
  assert.equal(silent.connects, 1);
});

test("a welcome's session takes the place of the JWT, which is never written down", () => {
  const storage = new MemoryStorage();
  const world = new World({ storage });
  world.identity.hear({ identity: ADA });
  world.identity.welcome(welcomed("ada"));
  assert.deepEqual(world.identity.proof, {
    token: "token", session: "session-of-ada", identity: null, revoke: [],
  });
  const written = storage.keys().map((key) => storage.getItem(key)).join();
  assert.ok(!written.includes(ADA.split(".")[1]));
});

test("the same customer with newer times costs no new socket, a changed one does", () => {
  const world = World.signedIn();
  world.identity.hear({ identity: ADA_LATER });
  assert.equal(world.connects, 0);
  world.identity.hear({ identity: ADA_RENAMED });
  assert.equal(world.connects, 1);
});

test("a minute before the session ends the website is asked for another JWT", () => {
  const world = World.signedIn();
  world.pass(3_539_999);
  assert.deepEqual(world.told, []);
  world.pass(1);
  assert.deepEqual(world.told, ["identity-wanted"]);
  world.identity.hear({ identity: ADA_LATER });
  assert.deepEqual([world.connects, world.events], [1, []]);
  assert.equal(world.identity.proof.identity, ADA_LATER);
});

test("a session that is almost over is renewed soon, not at once and over again", () => {
  const world = new World();
  world.identity.welcome(welcomed("ada", { session_seconds: 10 }));
  world.pass(4999);
  assert.deepEqual(world.told, []);
  world.pass(1);
  assert.deepEqual(world.told, ["identity-wanted"]);
});

test("a refusal leaves a line for the developer, asks once, and uses the fresh JWT", () => {
  const world = World.signedIn();
  world.refuse("identity_expired");
  assert.deepEqual(world.lines, ["[chatsite] identity_expired: Set the clock."]);
  assert.deepEqual(world.told, ["identity-wanted"]);
  assert.equal(world.store.session, null);
  world.identity.hear({ identity: ADA_LATER });
  assert.deepEqual([world.connects, world.events], [1, []]);
});

test("when the fresh JWT is refused as well, the chat goes on anonymously and says why", () => {
  const world = World.signedIn();
  world.refuse("identity_expired");
  world.identity.hear({ identity: ADA_LATER });
  world.refuse("identity_invalid");
  assert.deepEqual(world.told, ["identity-wanted"]);
  assert.equal(world.connects, 2);
  assert.deepEqual(world.events, ["expired", "identity_invalid"]);
  assert.equal(world.identity.proof.identity, null);
});

test("a website that has no other JWT, or does not answer, leaves an anonymous chat", () => {
  for (const answer of [(world) => world.identity.hear({ identity: "" }), (world) => world.pass(10_000)]) {
    const world = World.signedIn();
    world.refuse("identity_expired");
    answer(world);
    assert.equal(world.connects, 1);
    assert.deepEqual(world.events, ["expired", "identity_expired"]);
    world.pass(60_000);
    assert.equal(world.connects, 1);
  }
});

test("after it was believed again, the website may be asked again", () => {
  const world = World.signedIn();
  for (const _ of [1, 2]) {
    world.refuse("identity_expired");
    world.identity.hear({ identity: ADA_LATER });
    world.identity.welcome(welcomed("ada"));
  }
  assert.deepEqual(world.told, ["identity-wanted", "identity-wanted"]);
});

test("a widget for signed-in customers waits until somebody signs in", () => {
  const world = new World();
  world.identity.start();
  world.identity.hear({});
  world.refuse("identity_required");
  world.identity.hear({ identity: "" });
  assert.deepEqual([world.connects, world.events], [1, ["unverified"]]);
  assert.match(world.lines[0], /^info /);
  world.identity.hear({ identity: ADA });
  assert.equal(world.connects, 2);
});

test("a page of its own has no website to ask", () => {
  const world = new World({ isFramed: false });
  world.identity.start();
  world.refuse("identity_required");
  assert.deepEqual([world.told, world.events], [[], ["unverified"]]);
});

test("signing out forgets everything and has the site revoke it", () => {
  const world = World.signedIn();
  world.store.hasDeclined = true;
  world.identity.hear({ identity: null });
  assert.deepEqual(world.identity.proof, {
    token: null, session: null, identity: null, revoke: ["token", "session-of-ada"],
  });
  assert.deepEqual([world.store.customer, world.store.hasDeclined], [null, false]);
  assert.deepEqual([world.connects, world.events], [1, ["signedOut"]]);
  world.identity.welcome(welcomed(null, { token: "another" }));
  assert.deepEqual(world.identity.proof.revoke, []);
  world.pass(3_600_000);
  assert.deepEqual(world.told, []);
});

test("other tabs learn of it once nothing is left that they could say hello with", () => {
  const storage = new MemoryStorage();
  const world = World.signedIn("ada", storage);
  let left = null;
  storage.removeItem = (name) => {
    MemoryStorage.prototype.removeItem.call(storage, name);
    if (name === "chatsite:demo:customer") left = [world.store.token, world.store.session];
  };
  world.identity.hear({ identity: null });
  assert.deepEqual(left, [null, null]);
});

test("what was given up is remembered until the site has heard of it", () => {
  const storage = new MemoryStorage();
  new Store(storage, "demo").token = "token";
  new World({ storage }).identity.hear({ identity: null });
  const later = new World({ storage });
  assert.deepEqual(later.identity.proof.revoke, ["token"]);
  later.refuse("identity_required");
  assert.deepEqual(later.identity.proof.revoke, []);
});

test("the same JWT signs in again after signing out", () => {
  const world = World.signedIn();
  world.identity.hear({ identity: null });
  world.identity.hear({ identity: ADA });
  assert.equal(world.connects, 2);
  assert.equal(world.identity.proof.identity, ADA);
});

test("another customer finds nothing of who was here, not even an anonymous chat", () => {
  const world = World.signedIn();
  world.identity.welcome(welcomed("bob"));
  assert.deepEqual(world.events, ["signedOut"]);
  assert.deepEqual(world.identity.proof, {
    token: null, session: "session-of-bob", identity: null, revoke: ["token"],
  });
});

test("another customer is known by the website's word, before the site has said anything", () => {
  const world = World.signedIn();
  world.identity.hear({ identity: BOB });
  assert.deepEqual([world.events, world.connects], [["signedOut"], 1]);
  assert.deepEqual(world.identity.proof, {
    token: "token", session: null, identity: BOB, revoke: [],
  });
  world.identity.welcome(welcomed("bob"));
  assert.deepEqual(world.events, ["signedOut"]); // what was written since is the other's own
  assert.deepEqual(world.identity.proof, {
    token: null, session: "session-of-bob", identity: null, revoke: ["token"],
  });
});

test("another customer is known on the next page as well, whoever was named last", () => {
  const storage = new MemoryStorage();
  World.signedIn("ada", storage);
  const later = new World({ storage });
  later.identity.hear({ identity: BOB });
  later.identity.hear({ identity: ADA });
  assert.deepEqual(later.events, ["signedOut", "signedOut"]);
});

test("the same customer on the next page is nobody else", () => {
  const storage = new MemoryStorage();
  World.signedIn("ada", storage);
  const later = new World({ storage });
  later.identity.hear({ identity: ADA_RENAMED });
  assert.deepEqual([later.events, later.identity.proof.session], [[], "session-of-ada"]);
});

test("who was named is not written down in words, and is forgotten on signing out", () => {
  const storage = new MemoryStorage();
  const world = new World({ storage });
  world.identity.hear({ identity: jwt({ sub: "ada@example.com", exp: 1 }) });
  const written = storage.keys().map((key) => storage.getItem(key)).join();
  assert.ok(world.store.subject && !written.includes("ada@"));
  world.identity.hear({ identity: null });
  assert.equal(world.store.subject, null);
});

test("somebody else is asked anew whether an earlier chat should join", () => {
  const world = World.signedIn();
  world.store.hasDeclined = true;
  world.identity.welcome(welcomed("bob"));
  assert.equal(world.store.hasDeclined, false);
});

test("a browser's chat is put aside when somebody signs in, a customer's stays in place", () => {
  const world = new World();
  world.identity.hear({ identity: ADA });
  assert.deepEqual(world.events, ["expired"]);
  const signedIn = World.signedIn();
  signedIn.identity.hear({ identity: ADA_RENAMED });
  assert.deepEqual(signedIn.events, []);
});

test("what is no JWT is left to the site to refuse", () => {
  const world = World.signedIn();
  for (const text of ["x", "a.%.c", "a.e30", "ü.ü.ü"]) world.identity.hear({ identity: text });
  assert.equal(world.connects, 4);
});
