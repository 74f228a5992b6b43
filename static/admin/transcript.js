// A transcript that stays young: every few seconds it asks for the turns that have changed, and
// puts them in their places. It rests while nobody looks, and asks less often when nobody answers.

const PAUSE_MS = 4000;
const LONGEST_PAUSE_MS = 60000;

const list = document.querySelector("[data-turns]");
const news = document.querySelector("[data-news]");
let pause = PAUSE_MS;
let timer = 0;

function newestRevision() {
  const known = [...list.querySelectorAll("[data-revision]")].map((turn) => turn.dataset.revision);
  return Math.max(0, ...known.map(Number));
}

function place(turn) {
  const known = document.getElementById(turn.id);
  const pen = document.activeElement;
  if (known?.contains(pen) && pen.closest("form")) return; // not under a pen
  if (known) {
    const isOpen = known.querySelector("details")?.open;
    known.replaceWith(turn);
    const details = turn.querySelector("details");
    if (isOpen && details) details.open = true;
  } else {
    list.querySelector(".empty")?.remove();
    list.append(turn);
    news.textContent = "";
    news.textContent = news.dataset.news;
  }
}

async function refresh() {
  try {
    const answer = await fetch(`${list.dataset.turns}?revision=${newestRevision()}`);
    if (answer.redirected || !answer.ok) throw new Error(answer.statusText);
    if (answer.status === 200) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      page.querySelectorAll("li.turn").forEach(place);
    }
    pause = PAUSE_MS;
  } catch {
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

function schedule() {
  clearTimeout(timer);
  if (document.hidden) return;
  timer = setTimeout(() => refresh().then(schedule), pause);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else refresh().then(schedule);
});
schedule();
