/** Moments as people say them. Pure: now is handed in. */

const DAY_MS = 86_400_000;

/**
 * Returns the label above a group of messages: the time alone for today, else with the day.
 * @param {number} at
 * @param {number} now
 * @param {string} locale
 * @param {{today: string, yesterday: string}} words
 */
export function timeLabel(at, now, locale, words) {
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(at);
  const days = Math.round((dayStart(now) - dayStart(at)) / DAY_MS);
  if (days === 0) return `${words.today}, ${clock}`;
  if (days === 1) return `${words.yesterday}, ${clock}`;
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const day = new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "long", year: isThisYear ? undefined : "numeric",
  }).format(at);
  return `${day}, ${clock}`;
}

const dayStart = (at) => new Date(at).setHours(0, 0, 0, 0);
