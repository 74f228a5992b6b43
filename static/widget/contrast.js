/** Colours that can be read, by WCAG 2.2's contrast ratio. Pure. */

const READABLE = 4.5;
const STEPS = 20;

/**
 * Returns white or near-black, whichever reads on the colour; white where both do.
 * @param {string} colour  six digits, as in #1f6feb
 */
export const textOn = (colour) =>
  (contrast("#ffffff", colour) >= READABLE ? "#ffffff" : "#000000");

/**
 * Returns the colour, moved towards black or white only as far as it takes to read on a surface.
 * @param {string} colour
 * @param {string} surface
 */
export function readableOn(colour, surface) {
  const goal = luminance(surface) > 0.18 ? 0 : 255;
  for (let step = 0; step <= STEPS; step += 1) {
    const mixed = mix(colour, goal, step / STEPS);
    if (contrast(mixed, surface) >= READABLE) return mixed;
  }
  return goal ? "#ffffff" : "#000000";
}

/** Returns the contrast ratio of two colours, from 1 to 21. */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(colour, goal, share) {
  const mixed = channels(colour).map((value) => Math.round(value + (goal - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const channels = (colour) =>
  [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
