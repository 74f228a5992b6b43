// "Try it": asks the draft in the form and the live version the same question, and shows both
// answers as they come. Each side remembers its own turns; leaving the page ends both calls.

const panel = document.querySelector("[data-try]");
const draftForm = document.getElementById("draft-form");
const question = panel.querySelector("[data-question]");
const stopButton = panel.querySelector("[data-stop]");
const sendButton = panel.querySelector("[data-send]");
const openings = panel.querySelector("[data-openings]");
const WEIGH_AFTER_MS = 600;

let values = {};
let running = null;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

class Side {
  constructor(root) {
    this.name = root.dataset.side;
    this.log = root.querySelector(".try-log");
    this.turns = [];
  }

  clear() {
    this.turns = [];
    this.log.replaceChildren();
  }

  async ask(text, signal) {
    this.log.append(element("div", "try-asked untrusted", text));
    this.answer = element("div", "try-answer");
    this.rest = element("span", "rest");
    this.answer.append(this.rest);
    this.note = element("p", "try-note", panel.dataset.waiting);
    this.log.append(this.answer, this.note);
    this.said = "";
    this.scroll(true);
    const turns = [...this.turns, { author: "customer", text }];
    try {
      await this.read(turns, signal);
    } catch {
      // A lost connection, or the Stop button; what was said stays.
      this.end(signal.aborted ? panel.dataset.stopped : panel.dataset.lost, !signal.aborted);
    }
    // A question without any answer is asked anew, not answered twice.
    if (this.said) this.turns = [...turns, { author: "assistant", text: this.said }];
  }

  async read(turns, signal) {
    const body = new FormData(draftForm);
    body.set("side", this.name);
    body.set("turns", JSON.stringify(turns));
    body.set("values", JSON.stringify(values));
    const response = await fetch(panel.dataset.try, { method: "POST", body, signal });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    let ended = false;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (waiting + value).split("\n");
      waiting = lines.pop();
      for (const line of lines) ended = this.take(JSON.parse(line)) || ended;
    }
    if (waiting) ended = this.take(JSON.parse(waiting)) || ended; // a refusal is one object
    if (!ended) throw new Error("cut");
  }

  take(event) {
    if (event.type === "began") this.note.textContent = event.model;
    if (event.type === "said") {
      this.said += event.text;
      for (const html of event.blocks) this.addBlock(html);
      this.rest.textContent = event.rest;
    }
    if (event.type === "ended") {
      this.addBlock(event.block);
      this.end(event.note, false);
    }
    if (event.type === "failed") this.end(event.text, true);
    this.scroll(false);
    return event.type === "ended" || event.type === "failed";
  }

  addBlock(html) {
    this.rest.textContent = "";
    this.rest.insertAdjacentHTML("beforebegin", html); // rendered and sanitised by the server
  }

  end(note, failed) {
    this.note.textContent = note;
    this.note.classList.toggle("failed", failed);
  }

  scroll(always) {
    const below = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    if (always || below < 80) this.log.scrollTop = this.log.scrollHeight;
  }
}

const sides = [...panel.querySelectorAll("[data-side]")].map((root) => new Side(root));

async function ask() {
  const text = question.value.trim();
  if (!text || running) return;
  running = new AbortController();
  question.value = "";
  sendButton.hidden = true;
  stopButton.hidden = false;
  await Promise.all(sides.map((side) => side.ask(text, running.signal)));
  running = null;
  sendButton.hidden = false;
  stopButton.hidden = true;
  question.focus({ preventScroll: true });
}

async function openingTake() {
  values = {};
  if (!openings.value) return;
  const address = `${panel.dataset.opening}?conversation=${encodeURIComponent(openings.value)}`;
  const response = await fetch(address);
  if (!response.ok) return;
  const opening = await response.json();
  values = opening.values;
  question.value = opening.text;
}

let weighing = 0;
function weighSoon() {
  clearTimeout(weighing);
  weighing = setTimeout(weigh, WEIGH_AFTER_MS);
}

async function weigh() {
  const response = await fetch(panel.dataset.weigh, {
    method: "POST",
    body: new FormData(draftForm),
  }).catch(() => null);
  if (!response?.ok) return;
  const { text, warning } = await response.json();
  panel.querySelector("[data-weight]").textContent = text;
  panel.querySelector("[data-weight-warning]").textContent = warning;
}

panel.hidden = false;
panel.querySelector("[data-ask]").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask();
  }
});
stopButton.addEventListener("click", () => running?.abort());
panel.querySelector("[data-again]").addEventListener("click", () => {
  running?.abort();
  for (const side of sides) side.clear();
});
openings?.addEventListener("change", openingTake);
draftForm.addEventListener("input", weighSoon);
weigh();
