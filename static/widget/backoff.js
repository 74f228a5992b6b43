/** How long to wait before the next try. Pure: the dice are handed in. */

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Returns the wait in milliseconds: doubling, capped, at least half of it certain.
 * @param {number} failures  how many tries have failed in a row, from 1
 * @param {() => number} random
 */
export function backoffWait(failures, random) {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return most / 2 + (most / 2) * random();
}

/** Returns the wait while the site restarts: short, and spread so that not all come at once. */
export const restartWait = (random) => 500 + 2500 * random();
