/** What the panel knows, and how each frame and each act of the customer changes it. Pure. */

import { liveExtend, liveRestore } from "./live.js";
import {
  outboxRefused, outboxRequeued, outboxSent, outboxShrunk, outboxWithout, waitingItem,
} from "./outbox.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Message} Message */

const OPEN = new Set(["queued", "running"]);
const NOTICE_MS = 6000;

export const isOpen = (message) => OPEN.has(message.status);

/** @returns {State} */
export const emptyState = () => ({
  conversation: null,
  isFresh: false,
  revision: 0,
  messages: [],
  hasOlder: false,
  isLoadingOlder: false,
  isKnown: false,
  live: null,
  hasGap: false,
  outbox: [],
  stopping: 0,
  link: "connecting",
  linkAt: 0,
  notice: null,
  isErased: false,
  talks: null,
});

/**
 * Returns the state after an event: a frame from the site, or something the panel did.
 * @param {State} state
 * @param {{type: string}} event
 * @returns {State}
 */
export function reduce(state, event) {
  return Object.hasOwn(HANDLERS, event.type) ? HANDLERS[event.type](state, event) : state;
}

const HANDLERS = {
  // --- from the site ---
  welcome(state, { conversation, revision, messages, has_older: hasOlder, reset, team }) {
    const isOther = reset || conversation !== state.conversation;
    const known = isOther ? forget(state) : state;
    const isWhole = isOther || !state.isKnown;
    return merge({
      ...known,
      conversation,
      revision: Math.max(known.revision, revision),
      isFresh: state.isFresh && conversation === null,
      isKnown: true,
      hasGap: false,
      team,
      hasOlder: isWhole ? Boolean(hasOlder) : known.hasOlder,
      link: "open",
    }, messages);
  },

  accepted(state, { id, conversation, position, revision }) {
    const known = { ...state, conversation, isFresh: false };
    const item = state.outbox.find((waiting) => waiting.id === id);
    if (!item) return known;
    const at = new Date(item.at).toISOString();
    return merge(known, [{ position, revision, author: "customer", id, text: item.text, at }]);
  },

  changed(state, { revision, messages, team }) {
    return merge({ ...state, team, revision: Math.max(state.revision, revision) }, messages);
  },

  /** The office has opened or closed. */
  team(state, { team }) {
    return { ...state, team };
  },

  history(state, { messages, has_older: hasOlder }) {
    return merge({ ...state, hasOlder, isLoadingOlder: false }, messages);
  },

  "reply.delta"(state, delta) {
    if (isPast(state, delta)) return state;
    const live = liveExtend(state.live, delta);
    return live ? follow(state, live, delta.now) : { ...state, hasGap: true };
  },

  "reply.snapshot"(state, snapshot) {
    return isPast(state, snapshot) ? state : follow(state, liveRestore(snapshot), snapshot.now);
  },

  error(state, frame) {
    const { id, code, text, retry_after: retryAfter, now } = frame;
    const isKept = code === "kept_elsewhere"; // it is safe, and not to be sent again
    if (id && !isKept) return { ...state, outbox: outboxRefused(state.outbox, frame, now) };
    const until = now + Math.max(NOTICE_MS, (retryAfter ?? 0) * 1000);
    const known = code === "unknown_conversation" ? { ...forget(state), conversation: null } : state;
    const outbox = isKept ? outboxWithout(known.outbox, new Set([id])) : known.outbox;
    return { ...known, outbox, isLoadingOlder: false, stopping: 0, notice: { text, until } };
  },

  /** Here or elsewhere; a new conversation begins, on the same socket. */
  erased(state, { conversation }) {
    if (conversation !== state.conversation) return state;
    const { link, linkAt } = state;
    return { ...HANDLERS.startedOver(), isErased: true, link, linkAt };
  },

  conversations(state, { conversations, has_more: hasMore }) {
    if (!state.talks) return state;
    const known = new Set(state.talks.items.map((talk) => talk.id));
    const news = conversations.filter((talk) => !known.has(talk.id));
    return { ...state, talks: { items: [...state.talks.items, ...news], hasMore, isLoading: false } };
  },

  // --- from the customer and the panel ---
  listing(state) {
    return { ...state, talks: { items: [], hasMore: false, isLoading: true } };
  },

  listed(state) {
    return { ...state, talks: null };
  },

  /** Another conversation is wanted; what it holds is told after the next hello. */
  chosen(state, { conversation }) {
    return { ...emptyState(), conversation };
  },

  write(state, { id, text, now }) {
    return { ...state, isErased: false, outbox: [...state.outbox, waitingItem(id, text, now)] };
  },

  restored(state, { items }) {
    return { ...state, outbox: [...items, ...state.outbox] };
  },

  sent(state, { id }) {
    return { ...state, outbox: outboxSent(state.outbox, id) };
  },

  refused(state, { id, text }) {
    return { ...state, outbox: outboxRefused(state.outbox, { id, text, code: "local" }, 0) };
  },

  takenBack(state, { id }) {
    return { ...state, outbox: outboxWithout(state.outbox, new Set([id])) };
  },

  stopping(state, { position }) {
    return { ...state, stopping: position };
  },

  loadingOlder(state) {
    return { ...state, isLoadingOlder: true };
  },

  noticeOver(state) {
    return { ...state, notice: null };
  },

  link(state, { link, now }) {
    const linkAt = link === state.link ? state.linkAt : now;
    const outbox = outboxRequeued(state.outbox);
    const isKnown = state.isKnown || link === "unverified"; // then there is no history to wait for
    return { ...state, link, linkAt, isKnown, isLoadingOlder: false, outbox };
  },

  shrunk(state, { text }) {
    return { ...state, outbox: outboxShrunk(state.outbox, text) };
  },

  /** Somebody else's history begins, a new visitor's or a customer's, with what was not sent. */
  expired(state) {
    return { ...forget(state), conversation: null, isFresh: false, isKnown: false };
  },

  joined(state, { conversation }) {
    return conversation ? { ...forget(state), conversation, isFresh: false } : state;
  },

  /** Whoever comes next must find nothing of who was here; they may have a history of their own. */
  signedOut(state, { isKnown = false }) {
    return { ...emptyState(), isKnown };
  },

  startedOver() {
    return { ...emptyState(), isKnown: true, isFresh: true };
  },
};

/** Whether a delta or snapshot is of an attempt that has ended or was overtaken. */
function isPast(state, { position, attempt }) {
  const message = state.messages.find((candidate) => candidate.position === position);
  if (!message) return false;
  return isOpen(message) ? attempt < message.attempt : attempt <= message.attempt;
}

/** The state with this reply running and being read. */
function follow(state, live, now) {
  const { position, attempt } = live;
  const before = state.messages.find((message) => message.position === position);
  if (before?.status === "running" && before.attempt === attempt) return { ...state, live };
  const message = {
    ...(before ?? { position, revision: 0, author: "assistant", at: new Date(now).toISOString() }),
    status: "running",
    attempt,
    error: null,
  };
  return { ...state, live, messages: put(state.messages, [message]) };
}

/** The state with messages that are new or newer than what is known. */
function merge(state, incoming) {
  const known = new Map(state.messages.map((message) => [message.position, message]));
  const news = incoming.filter(({ position, revision }) =>
    revision >= (known.get(position)?.revision ?? 0));
  const messages = put(state.messages, news);
  const ids = new Set(news.map((message) => message.id).filter(Boolean));
  const at = (position) => messages.find((message) => message.position === position);
  const { live, stopping } = state;
  const reading = live && at(live.position);
  return {
    ...state,
    messages,
    outbox: ids.size ? outboxWithout(state.outbox, ids) : state.outbox,
    live: reading && (!isOpen(reading) || reading.attempt > live.attempt) ? null : live,
    stopping: stopping && at(stopping) && isOpen(at(stopping)) ? stopping : 0,
  };
}

function put(messages, news) {
  if (!news.length) return messages;
  const all = new Map([...messages, ...news].map((message) => [message.position, message]));
  return [...all.values()].sort((a, b) => a.position - b.position);
}

function forget(state) {
  return { ...state, revision: 0, messages: [], hasOlder: false, live: null, stopping: 0 };
}
