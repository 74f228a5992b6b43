// The chat beside its form: the form is sent into the frame whenever somebody has stopped typing.
// Without this script the button does the same.

const SVG = "http://www.w3.org/2000/svg";
const PAUSE_MS = 400;
const button = document.querySelector("[data-preview]");

/** Draws the launcher as loader.js does, closed, from what the preview's page says of it. */
function drawLauncher(stage, look) {
  const old = stage.querySelector("[data-side]");
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(look.style);
  root.adoptedStyleSheets = [sheet];
  const variables = { ...look.colours, "--x": "0px", "--y": "0px", "--z": 1 };
  for (const name in variables) host.style.setProperty(name, variables[name]);
  host.dataset.side = look.position;
  host.dataset.scheme = document.querySelector("[name=preview_scheme]").value;
  const launcher = document.createElement("span");
  launcher.className = "launcher";
  launcher.hidden = look.isHidden;
  const icon = launcher.appendChild(document.createElementNS(SVG, "svg"));
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", look.shapes.chat);
  const words = launcher.appendChild(document.createElement("span"));
  words.className = "words";
  words.textContent = look.texts.label;
  root.append(launcher);
  if (old) old.replaceWith(host);
  else stage.append(host);
}

if (button) {
  const { form } = button;
  const frame = document.querySelector("iframe[name=preview]");
  let timer = 0;
  const show = () => form.requestSubmit(button);
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  };
  for (const name of ["input", "change"]) {
    document.addEventListener(name, ({ target }) => target.form === form && soon());
  }
  frame.addEventListener("load", () => {
    const look = frame.contentDocument?.getElementById("look");
    if (look) drawLauncher(document.querySelector("[data-launcher]"), JSON.parse(look.textContent));
  });
  show();
}
