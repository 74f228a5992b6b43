// Shows how a run of test cases comes on: fetches the report each second while it runs, and keeps
// open what somebody has opened. Without this script the page shows the same when it is reloaded.

const EVERY_MS = 1000;
const place = document.querySelector("[data-report]");

function openCases() {
  return [...place.querySelectorAll("details[open]")].map((one) => one.dataset.case);
}

async function refresh() {
  const response = await fetch(place.dataset.report).catch(() => null);
  if (response?.ok) {
    const html = await response.text();
    const open = openCases();
    const focused = document.activeElement?.closest("details")?.dataset.case;
    place.innerHTML = html; // our own template, escaped by the server
    for (const number of open) place.querySelector(`[data-case="${number}"]`)?.setAttribute("open", "");
    if (focused) place.querySelector(`[data-case="${focused}"] summary`)?.focus();
  }
  if (place.querySelector('[data-running="yes"]')) setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
