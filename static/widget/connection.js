/**
 * One websocket that comes back: hello first, jittered waits, pings when it is quiet.
 *
 * It knows frames only as far as the link needs them; everything else goes to `onFrame`.
 */

import { backoffWait, restartWait } from "./backoff.js";
import { closeMeaning, frameDecode, frameEncode } from "./protocol.js";

const QUIET_MS = 30_000;
const PONG_MS = 10_000;
/** After the browser said that something has changed, a dead socket is the likelier case. */
const WAKE_PONG_MS = 4000;
const WELCOME_MS = 15_000;
/** A link that held this long was good; before that, another failure waits longer. */
const STABLE_MS = 5000;

export class Connection {
  #socket = null;
  #failures = 0;
  #isWelcome = false;
  #hasEnded = false;
  #isResting = false;
  #retryTimer = 0;
  #quietTimer = 0;
  #stableTimer = 0;

  /**
   * @param {object} given
   * @param {string} given.url
   * @param {() => object} given.hello  makes the first frame of each socket
   * @param {(frame: object) => void} given.onFrame
   * @param {(meaning: string) => void} given.onLost  see closeMeaning
   * @param {object} given.world  WebSocket, setTimeout, clearTimeout, random
   */
  constructor({ url, hello, onFrame, onLost, world }) {
    Object.assign(this, { url, hello, onFrame, onLost, world });
  }

  /** Opens a socket now, instead of whatever was open or planned. */
  start() {
    if (this.#hasEnded) return;
    this.#isResting = false;
    // One that is not open yet will say hello as things are then. To close it would cost a second
    // handshake, and a warning in the website's console.
    if (this.#socket?.readyState === 0) return;
    this.#release();
    const socket = new this.world.WebSocket(this.url);
    this.#socket = socket;
    this.#expect(WELCOME_MS, () => this.#lose());
    const mine = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = mine(() => this.#say(this.hello()));
    socket.onmessage = mine((event) => this.#hear(event.data));
    socket.onclose = mine((event) => this.#lose(event.code));
  }

  /** Drops the socket and opens another, as after a gap; soon, but never in a tight loop. */
  restart() {
    this.#lose(1006);
  }

  /** Asks for a sign of life, or tries again at once: the network or the reader went or came. */
  wake() {
    if (this.#hasEnded || this.#isResting) return;
    if (!this.#socket) this.start();
    else if (this.#isWelcome) this.#ping(WAKE_PONG_MS);
  }

  /**
   * Sends a frame once the site has said welcome.
   * @returns {"sent"|"closed"|"too large"}
   */
  send(frame) {
    return this.#isWelcome ? this.#say(frame) : "closed";
  }

  #say(frame) {
    const text = frameEncode(frame);
    if (text === null) return "too large";
    if (this.#socket?.readyState !== 1) return "closed";
    this.#socket.send(text);
    return "sent";
  }

  #hear(data) {
    const frame = frameDecode(data);
    if (!frame) return;
    if (frame.type === "welcome") {
      this.#isWelcome = true;
      this.#stableTimer = this.world.setTimeout(() => { this.#failures = 0; }, STABLE_MS);
    }
    if (this.#isWelcome) this.#expect(QUIET_MS, () => this.#ping());
    if (frame.type === "pong") return;
    this.onFrame(frame);
    // The socket stays open and still waits for a hello that it can use.
    if (!this.#isWelcome && frame.code === "unknown_conversation") this.#say(this.hello());
  }

  #ping(patience = PONG_MS) {
    this.#say({ type: "ping" });
    this.#expect(patience, () => this.#lose());
  }

  #lose(code = 1006) {
    const meaning = closeMeaning(code);
    this.#release();
    this.#failures += 1;
    this.#hasEnded = meaning === "stale" || meaning === "gone";
    // Nothing changes until somebody vouches for the customer, and then start is called.
    this.#isResting = meaning === "unverified";
    const isOver = this.#hasEnded || this.#isResting;
    this.onLost(meaning);
    if (isOver) return;
    const { random, setTimeout } = this.world;
    const wait = meaning === "soon" ? restartWait(random) : backoffWait(this.#failures, random);
    this.#retryTimer = setTimeout(() => this.start(), wait);
  }

  #expect(wait, act) {
    this.world.clearTimeout(this.#quietTimer);
    this.#quietTimer = this.world.setTimeout(act, wait);
  }

  #release() {
    for (const timer of [this.#retryTimer, this.#quietTimer, this.#stableTimer]) {
      this.world.clearTimeout(timer);
    }
    const socket = this.#socket;
    this.#socket = null;
    this.#isWelcome = false;
    socket?.close();
  }
}
