// Keeps the dashboard's content fresh: asks again every few seconds, pauses while nobody looks,
// and says so when nothing has come for a while. Parts that did not change are left alone.

const board = document.getElementById("board");
const pulse = document.getElementById("pulse");
const pollMs = Number(board.dataset.poll) * 1000;
const staleMs = Number(board.dataset.stale) * 1000;
const PATIENCE_MS = 10_000;
let tag = "";
let freshAt = Date.now();
let timer = 0;
let isAsking = false;
let isGone = false;

function tell() {
  const age = Date.now() - freshAt;
  let state = "fresh";
  if (isGone) state = "gone";
  else if (document.hidden) state = "paused";
  else if (age >= staleMs) state = "stale";
  const words = pulse.dataset[state].replace("{seconds}", Math.round(age / 1000));
  if (pulse.textContent !== words) pulse.textContent = words;
  pulse.dataset.state = state;
  pulse.hidden = false;
}

// A part's own state, which the server does not know, outlives its replacement.
function carryOver(from, to) {
  for (const details of from.querySelectorAll("details[open]")) {
    const twin = to.querySelector(`#${CSS.escape(details.id)}`);
    if (twin) twin.open = true;
  }
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const ids = (root) => [...root.querySelectorAll("[data-part]")].map((part) => part.id).join();
  if (ids(fresh) !== ids(board)) {
    carryOver(board, fresh);
    board.replaceChildren(...fresh.childNodes);
    return;
  }
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const shown = document.getElementById(part.id);
    if (shown.contains(document.activeElement) && document.activeElement !== document.body) {
      if (shown.querySelector("a:focus, summary:focus, .results:focus")) continue; // next time
    }
    carryOver(shown, part);
    if (shown.outerHTML !== part.outerHTML) shown.replaceWith(part);
  }
}

async function ask() {
  if (isAsking || isGone || document.hidden) return;
  isAsking = true;
  try {
    const response = await fetch(board.dataset.live, {
      headers: tag ? { "If-None-Match": tag } : {},
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.type === "opaqueredirect" || response.status === 403) {
      isGone = true;
    } else if (response.status === 304) {
      freshAt = Date.now();
    } else if (response.ok) {
      show(await response.text());
      tag = response.headers.get("ETag") ?? "";
      freshAt = Date.now();
    }
  } catch {
    // The line says how old the figures are; the next round may do better.
  }
  isAsking = false;
  tell();
}

function run() {
  clearInterval(timer);
  tell();
  if (document.hidden) return;
  ask();
  timer = setInterval(ask, pollMs);
}

document.addEventListener("visibilitychange", run);
setInterval(tell, 1000);
run();
