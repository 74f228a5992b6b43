/** Puts the owner's accent on the page, in shades that can be read. */

import { readableOn, textOn } from "./contrast.js";

/** The surfaces of chat.css; the accent is read as text on both. */
const LIGHT = "#ffffff";
const DARK = "#16181d";

/** @param {string} accent  six digits, as in #1f6feb */
export function themeApply(accent, style = document.documentElement.style) {
  style.setProperty("--chatsite-accent", accent);
  style.setProperty("--chatsite-on-accent", textOn(accent));
  style.setProperty("--chatsite-link-light", readableOn(accent, LIGHT));
  style.setProperty("--chatsite-link-dark", readableOn(accent, DARK));
}
