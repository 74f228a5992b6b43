/**
 * The launcher and the panel's place on the website's page, inside a shadow root. How they look
 * comes with the widget's settings (launcher.css, conversations/widget/look.py).
 */

const SVG = "http://www.w3.org/2000/svg";
const size = (value, standard) => (value >= 0 ? +value : standard);

/** Adds an element to another one, and returns it. */
export function make(tag, parent, attributes, space = "http://www.w3.org/1999/xhtml") {
  const node = document.createElementNS(space, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  return parent.appendChild(node);
}

/** Draws what stands on the page, and returns its parts. */
export function launcherDraw(key, { style, shapes }) {
  const host = make("div", document.body, { "data-chatsite": key });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const panel = make("div", root, { class: "panel", role: "dialog" });
  const away = make("div", panel, { class: "away", role: "alert", dir: "auto" });
  const sorry = make("p", away);
  const again = make("button", away, { type: "button" });
  const leave = make("button", away, { type: "button" });
  const button = make("button", root, { class: "launcher", type: "button" });
  const svg = make("svg", button, { viewBox: "0 0 24 24", "aria-hidden": "true" }, SVG);
  for (const name in shapes) make("path", svg, { class: name, d: shapes[name] }, SVG);
  const words = make("span", button, { class: "words", dir: "auto" });
  const badge = make("span", button, { class: "badge", "aria-hidden": "true" });
  return { host, root, panel, sorry, again, leave, button, words, badge };
}

/** Makes the parts fit what is known. */
export function launcherDress(parts, look, given, { isOpen, isHidden, unread }) {
  const { host, panel, sorry, again, leave, button, words, badge } = parts;
  const { colours, texts, position } = look;
  const label = given.launcherLabel ?? texts.label;
  const variables = {
    ...colours,
    "--x": `${size(given.horizontalPadding, 20)}px`,
    "--y": `${size(given.verticalPadding, 20)}px`,
    "--z": size(given.zIndex, 2147483000),
  };
  for (const name in variables) host.style.setProperty(name, variables[name]);
  host.dataset.side = given.position ?? position;
  host.dataset.scheme = given.colorScheme ?? "auto";
  panel.hidden = !isOpen;
  panel.setAttribute("aria-label", texts.title);
  sorry.textContent = texts.away;
  again.textContent = texts.again;
  leave.textContent = texts.close;
  const says = unread ? texts.unread.replace("{count}", unread) : texts.open;
  button.hidden = isHidden;
  button.setAttribute("aria-expanded", isOpen);
  button.setAttribute("aria-label", isOpen ? texts.close : `${label} ${says}`.trim());
  words.textContent = label;
  badge.hidden = !unread;
  badge.textContent = unread > 9 ? "9+" : unread;
}
