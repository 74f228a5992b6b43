/** Puts the owner's accent on the page, and the colours that the page around us asks for. */

/** @param {Record<string, string>} colours  by variable, in shades that can be read */
export function themeApply(colours, style = document.documentElement.style) {
  for (const [variable, colour] of Object.entries(colours)) style.setProperty(variable, colour);
}

const SCHEMES = { light: "light", dark: "dark" };

/** @param {string} scheme  "light", "dark", or "auto" for what the customer's system prefers */
export function schemeApply(scheme, style = document.documentElement.style) {
  style.colorScheme = SCHEMES[scheme] ?? "light dark";
}
