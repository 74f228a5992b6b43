// Says that the list is being asked for anew, should the answer take a while; nothing else.

const list = document.getElementById("changelist");

function busySet(isBusy) {
  list.toggleAttribute("data-busy", isBusy);
  list.querySelector(".results")?.setAttribute("aria-busy", String(isBusy));
}

for (const form of list.querySelectorAll("form[method=get]")) {
  form.addEventListener("submit", () => busySet(true));
}
list.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='?']");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (link && isPlain) busySet(true);
});
// Come back to by the browser's own button, the list is as it was left.
addEventListener("pageshow", () => busySet(false));

// Elsewhere or by Escape an open menu closes, as people are used to.
function menusClose(except) {
  for (const menu of document.querySelectorAll("details[name=filters][open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => menusClose(event.target.closest("details[name=filters]")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[name=filters][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
