/** Moments as people say them. Pure: now is handed in. */

import { fill } from "./fill.js";

const DAY_MS = 86_400_000;

/**
 * Returns the label above a group of messages: the time alone for today, else with the day.
 * @param {number} at
 * @param {number} now
 * @param {string} locale
 * @param {{today: string, yesterday: string, dayTime: string}} words
 */
export function timeLabel(at, now, locale, words) {
  const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(at);
  return fill(words.dayTime, { day: dayName(at, now, locale, words), time });
}

function dayName(at, now, locale, { today, yesterday }) {
  const days = Math.round((dayStart(now) - dayStart(at)) / DAY_MS);
  if (days === 0) return today;
  if (days === 1) return yesterday;
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "long", year: isThisYear ? undefined : "numeric",
  }).format(at);
}

const dayStart = (at) => new Date(at).setHours(0, 0, 0, 0);
