import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryStorage, Store } from "../../static/widget/store.js";
import { ADA, ADA_LATER, ADA_RENAMED, World, welcomed } from "./identity_world.mjs";

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
