// The workshop's two conveniences: rows for more variables, and a warning before typed words
// are lost. Without this script the page still works: one spare row is always there.

function addRow(button) {
  const name = button.dataset.addRow;
  const total = document.getElementById(`id_${name}-TOTAL_FORMS`);
  const row = document.querySelector(`[data-row-of="${name}"]`).content.cloneNode(true);
  for (const element of row.querySelectorAll("[name], [id], [for]")) {
    for (const attribute of ["name", "id", "for"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replace("__prefix__", total.value));
    }
  }
  const rows = document.querySelector(`[data-rows="${name}"]`);
  rows.append(row);
  total.value = Number(total.value) + 1;
  rows.lastElementChild.querySelector("input, textarea, select").focus();
}

function warnUnsaved(form) {
  const words = () => new URLSearchParams(new FormData(form)).toString();
  const atFirst = words();
  let leaving = false;
  form.addEventListener("submit", () => {
    leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && words() !== atFirst) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-add-row]")) {
  button.hidden = false;
  button.addEventListener("click", () => addRow(button));
}
for (const form of document.querySelectorAll("form[data-warn-unsaved]")) warnUnsaved(form);
