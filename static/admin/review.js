// Keys for those who read many conversations. Without this script every button still works.

const help = document.querySelector("dialog.shortcuts");
let current = -1;

function go(step) {
  const answers = document.querySelectorAll(".turn-assistant");
  if (!answers.length) return;
  current = Math.min(Math.max(current + step, 0), answers.length - 1);
  const answer = answers[current];
  answer.tabIndex = -1;
  answer.focus({ preventScroll: true });
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  answer.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
}

/** The answer one is at, the last one if one is at none yet. */
function answer() {
  if (current < 0) go(Infinity);
  return document.querySelectorAll(".turn-assistant")[current];
}

function verdict() {
  const judge = answer()?.querySelector("details.judge");
  if (judge) judge.open = true;
  return judge?.querySelector("form");
}

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  e: () => verdict()?.querySelector("input[type=radio]")?.focus(),
  t: () => answer()?.querySelector("[data-take-case]")?.click(),
  n: () => document.getElementById("id_note")?.focus(),
  "?": () => help?.showModal(),
};

function choose(number) {
  const choice = verdict()?.querySelectorAll("input[type=radio]")[number - 1];
  if (!choice) return;
  choice.checked = true;
  choice.focus();
}

function isTyping({ target }) {
  return target.matches("input:not([type=radio]), textarea, select") || target.isContentEditable;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  if (event.key === "Escape" && isTyping(event)) event.target.blur();
  if (isTyping(event)) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (button) button.click();
  else if (/^[1-9]$/.test(event.key)) choose(Number(event.key));
  else if (Object.hasOwn(ACTS, event.key)) ACTS[event.key]();
  else return;
  event.preventDefault();
});

for (const button of document.querySelectorAll("[data-keys-help]")) {
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
}
