import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../static/widget/connection.js";

/** A clock that is turned by hand, and sockets that do what the test says. */
class World {
  now = 0;
  timers = new Map();
  sockets = [];
  frames = [];
  lost = [];
  hello = { type: "hello" };
  next = 1;

  constructor() {
    const world = this;
    this.WebSocket = class {
      readyState = 0;
      said = [];
      constructor(url) { this.url = url; world.sockets.push(this); }
      send(text) { this.said.push(JSON.parse(text)); }
      close() { this.readyState = 3; }
      open() { this.readyState = 1; this.onopen({}); }
      hear(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
      drop(code) { this.readyState = 3; this.onclose({ code }); }
    };
    this.connection = new Connection({
      url: "ws://site.example/ws/chat/demo/",
      hello: () => this.hello,
      onFrame: (frame) => this.frames.push(frame.type),
      onLost: (meaning) => this.lost.push(meaning),
      world: {
        WebSocket: this.WebSocket,
        random: () => 0.5,
        setTimeout: (act, wait) => {
          this.timers.set(this.next, { act, at: this.now + wait });
          return this.next++;
        },
        clearTimeout: (timer) => this.timers.delete(timer),
      },
    });
  }

  get socket() { return this.sockets.at(-1); }

  welcome() {
    this.socket.open();
    this.socket.hear({ type: "welcome" });
    return this.socket;
  }

  pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, one], [, other]) => one.at - other.at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.now = due[1].at;
      due[1].act();
    }
    this.now = end;
  }
}

const started = () => {
  const world = new World();
  world.connection.start();
  return world;
};

test("it says hello first, and nothing else before the welcome", () => {
  const world = started();
  world.socket.open();
  assert.equal(world.connection.send({ type: "send" }), "closed");
  assert.deepEqual(world.socket.said, [{ type: "hello" }]);
  world.socket.hear({ type: "welcome" });
  assert.equal(world.connection.send({ type: "send" }), "sent");
  assert.deepEqual(world.socket.said.at(-1), { type: "send" });
});

test("a socket that is not open yet serves whoever has come meanwhile", () => {
  const world = started();
  world.hello = { type: "hello", identity: "ada" };
  world.connection.start();
  assert.equal(world.sockets.length, 1);
  world.socket.open();
  assert.deepEqual(world.socket.said, [{ type: "hello", identity: "ada" }]);
  world.connection.start();
  assert.equal(world.sockets.length, 2);
});

test("it comes back after growing waits, never longer than thirty seconds", () => {
  const world = started();
  const waits = [];
  for (let failure = 0; failure < 9; failure += 1) {
    const count = world.sockets.length;
    world.socket.drop(1006);
    const from = world.now;
    while (world.sockets.length === count) world.pass(125);
    waits.push(world.now - from);
  }
  assert.deepEqual(waits.slice(0, 3), [375, 750, 1500]);
  assert.ok(waits.every((wait, i) => i === 0 || wait >= waits[i - 1]));
  assert.ok(waits.at(-1) <= 30_000);
});

test("only a link that held is forgiven its failures", () => {
  const world = started();
  const waitAfterDrop = () => {
    const count = world.sockets.length;
    world.socket.drop(1006);
    let wait = 0;
    while (world.sockets.length === count) { world.pass(125); wait += 125; }
    return wait;
  };
  world.welcome();
  assert.equal(waitAfterDrop(), 375);
  world.welcome();
  assert.equal(waitAfterDrop(), 750);
  world.welcome();
  world.pass(5000);
  assert.equal(waitAfterDrop(), 375);
});

test("it comes back within three seconds when the site restarts", () => {
  const world = started();
  world.welcome().drop(1012);
  world.pass(3000);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(world.lost, ["soon"]);
});

for (const [code, meaning] of [[4400, "stale"], [4404, "gone"]]) {
  test(`it stops for good after ${code}`, () => {
    const world = started();
    world.welcome().drop(code);
    world.pass(120_000);
    world.connection.wake();
    assert.equal(world.sockets.length, 1);
    assert.deepEqual(world.lost, [meaning]);
  });
}

test("after a refusal it rests until it is started again", () => {
  const world = started();
  world.welcome().drop(4403);
  world.pass(120_000);
  world.connection.wake();
  assert.equal(world.sockets.length, 1);
  assert.deepEqual(world.lost, ["unverified"]);
  world.connection.start();
  world.welcome().drop(1006);
  world.pass(60_000);
  assert.ok(world.sockets.length > 2);
});

test("it pings when it has heard nothing for thirty seconds, and stays when a pong comes", () => {
  const world = started();
  const socket = world.welcome();
  world.pass(29_999);
  assert.equal(socket.said.length, 1);
  world.pass(1);
  assert.deepEqual(socket.said.at(-1), { type: "ping" });
  socket.hear({ type: "pong" });
  world.pass(10_001);
  assert.deepEqual(world.lost, []);
  assert.deepEqual(world.frames, ["welcome"]);
});

test("it gives the link up when no pong comes within ten seconds", () => {
  const world = started();
  world.welcome();
  world.pass(40_000);
  assert.deepEqual(world.lost, ["retry"]);
  world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test("it gives up a socket that never says welcome", () => {
  const world = started();
  world.pass(15_000);
  assert.deepEqual(world.lost, ["retry"]);
});

test("a socket that was replaced is not heard any more", () => {
  const world = started();
  const old = world.welcome();
  world.connection.start();
  old.hear({ type: "changed" });
  old.drop(1006);
  assert.deepEqual(world.frames, ["welcome"]);
  assert.deepEqual(world.lost, []);
  assert.equal(old.readyState, 3);
});

test("a restart after a gap waits, so that a fault cannot spin", () => {
  const world = started();
  world.welcome();
  world.connection.restart();
  assert.equal(world.sockets.length, 1);
  world.pass(375);
  assert.equal(world.sockets.length, 2);
});

test("waking tries at once instead of waiting, or asks an open link for a sign of life", () => {
  const world = started();
  world.welcome().drop(1006);
  world.connection.wake();
  assert.equal(world.sockets.length, 2);
  const socket = world.welcome();
  world.connection.wake();
  assert.deepEqual(socket.said.at(-1), { type: "ping" });
});

test("a link that the browser doubts is given up after four seconds without an answer", () => {
  const world = started();
  world.welcome();
  world.connection.wake();
  world.pass(3999);
  assert.deepEqual(world.lost, []);
  world.pass(1);
  assert.deepEqual(world.lost, ["retry"]);
});

test("it says hello again on the same socket when the conversation is unknown", () => {
  const world = started();
  world.socket.open();
  world.socket.hear({ type: "error", code: "unknown_conversation" });
  assert.deepEqual(world.socket.said, [{ type: "hello" }, { type: "hello" }]);
});

test("a frame that the site would refuse for its size never leaves", () => {
  const world = started();
  const socket = world.welcome();
  const frame = { type: "send", text: "é".repeat(33_000) };
  assert.equal(world.connection.send(frame), "too large");
  assert.equal(socket.said.length, 1);
});

test("noise on the socket is ignored", () => {
  const world = started();
  const socket = world.welcome();
  for (const data of ["", "[]", "null", "{", '{"type": 1}']) socket.onmessage({ data });
  assert.deepEqual(world.frames, ["welcome"]);
});
