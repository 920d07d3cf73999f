/** Numbers and times for people. Absent is an en dash, never 0. */
export const ABSENT = "–";

const dateTimeFormat = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const fullFormat = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "long",
  hourCycle: "h23",
});
const yearFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function dateTime(iso: string | null | undefined): string {
  if (!iso) return ABSENT;
  const date = new Date(iso);
  const sameYear = date.getFullYear() === new Date().getFullYear();
  return sameYear ? dateTimeFormat.format(date) : `${yearFormat.format(date)}, ${clockTime(date)}`;
}

function clockTime(date: Date): string {
  const two = (value: number): string => `${value}`.padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export const fullDateTime = (iso: string | null | undefined): string =>
  iso ? fullFormat.format(new Date(iso)) : ABSENT;

/** 4:05, 1:02:03 */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return ABSENT;
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = `${total % 60}`.padStart(2, "0");
  return hours ? `${hours}:${`${minutes}`.padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** 850 ms, 4.2 s, 3 min 20 s */
export function span(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return ABSENT;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1000);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${minutes} min ${seconds} s`;
}

const numberFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** 1,234.5 with a real minus sign. */
export const number = (value: number): string => numberFormat.format(value).replace("-", "−");

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : `${Math.round(value)} %`;
}

/** Sentiment −5…+5 with a sign and one decimal. */
export function score(value: number | null | undefined): string {
  if (value === null || value === undefined) return ABSENT;
  const text = Math.abs(value).toFixed(1);
  if (text === "0.0") return "0.0";
  return `${value < 0 ? "−" : "+"}${text}`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${Math.round(size / 1024)} KB`;
  return `${(size / 1024 ** 2).toFixed(1)} MB`;
}

export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return dateTime(iso);
}

/** An id that fits a table; the whole one belongs in a title. */
export const shortId = (id: string): string => (id.length > 13 ? `${id.slice(0, 8)}…` : id);
