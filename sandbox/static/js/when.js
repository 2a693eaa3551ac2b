// Times as people read them. Relative ones are kept right by a ticker over the page.

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function timeAgo(date, now = Date.now()) {
  const seconds = Math.round((date.getTime() - now) / 1000);
  if (seconds === 0) return "now";
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size);
  return relative.format(Math.round(seconds / length), unit);
}

export function clockTime(date) {
  return clock.format(date);
}

export function dayName(date) {
  return new Intl.DateTimeFormat("en", { dateStyle: "long" }).format(date);
}

export function fullTime(date) {
  return new Intl.DateTimeFormat("en", STYLES.F).format(date);
}

export function sameDay(a, b) {
  return a.toDateString() === b.toDateString();
}

/** Today at 14:02 · Yesterday at 09:10 · 03/11/2026, 09:10 */
export function stamp(date, now = new Date()) {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (sameDay(date, now)) return `Today at ${clockTime(date)}`;
  if (sameDay(date, yesterday)) return `Yesterday at ${clockTime(date)}`;
  return new Intl.DateTimeFormat(undefined, STYLES.s).format(date);
}

/** The text of <t:unix:style>. */
export function discordTime(unix, style) {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return "an impossible time";
  return style === "R" ? timeAgo(date) : new Intl.DateTimeFormat("en", STYLES[style] ?? STYLES.f).format(date);
}

/** Keeps every <time data-relative> on the page true. */
export function keepTimesTrue(root = document) {
  return setInterval(() => {
    for (const element of root.querySelectorAll("time[data-relative]")) {
      const text = discordTime(Number(element.dataset.relative), "R");
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}
