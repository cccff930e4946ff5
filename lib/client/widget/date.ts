/** Formats a timestamp briefly: the time if it is today, the weekday if it is in the last week, else the date. */
export function when(timestamp: string, language: string, now = new Date()): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "";
  if (date.toDateString() === now.toDateString()) return time(timestamp, language);
  const days = daysBetween(date, now);
  return format(date, language, days < 7 ? { weekday: "short" } : { dateStyle: "short" });
}

/** Formats the time of day. */
export function time(timestamp: string, language: string): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "";
  return format(date, language, { hour: "numeric", minute: "2-digit" });
}

/** Formats the day: today, yesterday, or its date. */
export function day(date: Date, language: string, now = new Date()): string {
  const days = daysBetween(date, now);
  if (days < 2) {
    const text = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
    return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
  }
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return format(date, language, { weekday: "long", month: "long", day: "numeric", ...year });
}

// A format takes longer to create than to use a hundred times.
const formats = new Map<string, Intl.DateTimeFormat>();

function format(date: Date, language: string, options: Intl.DateTimeFormatOptions): string {
  // A format keeps the time zone in which it was created, and a device may travel.
  const key = JSON.stringify([language, options, date.getTimezoneOffset()]);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known.format(date);
}

function daysBetween(date: Date, now: Date): number {
  const midnight = (it: Date) => new Date(it.getFullYear(), it.getMonth(), it.getDate()).getTime();
  // Rounded, because a day can have 23 or 25 hours.
  return Math.max(0, Math.round((midnight(now) - midnight(date)) / 86_400_000));
}
