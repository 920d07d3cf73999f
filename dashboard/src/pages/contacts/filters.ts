/** The filters of the contact list, as they stand in the address. */
import type { Params } from "../../api/client";
import type { ContactSummary } from "../../api/types";

export const FILTER_NAMES = ["channel", "status", "queueId", "agentId", "category", "range", "from", "to"] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type Filters = Record<FilterName, string>;

const HOUR = 3_600_000;
const RANGES: Record<string, number> = { "1h": HOUR, "24h": 24 * HOUR, "7d": 168 * HOUR, "30d": 720 * HOUR };

export function filtersOf(params: URLSearchParams): Filters {
  return Object.fromEntries(FILTER_NAMES.map((name) => [name, params.get(name) ?? ""])) as Filters;
}

export function toQuery(filters: Filters, now: number): Params {
  const { channel, status, queueId, agentId, category } = filters;
  const [start, end] = bounds(filters, now);
  const time = (at: number | null): string => (at === null ? "" : new Date(at).toISOString());
  return { channel, status, queueId, agentId, category, startTime: time(start), endTime: time(end) };
}

/** Start inclusive, end exclusive; null is open. */
function bounds(filters: Filters, now: number): [number | null, number | null] {
  const length = RANGES[filters.range];
  if (length) return [now - length, null];
  const at = (text: string): number | null => (Number.isNaN(Date.parse(text)) ? null : Date.parse(text));
  return filters.range === "custom" ? [at(filters.from), at(filters.to)] : [null, null];
}

/** Whether a contact of the feed belongs into the list that these filters make. */
export function matches(filters: Filters, contact: ContactSummary, now: number): boolean {
  if (filters.channel && !contact.channels.includes(filters.channel as "VOICE")) return false;
  if (filters.status && contact.status !== filters.status) return false;
  if (filters.queueId && contact.queue?.id !== filters.queueId) return false;
  if (filters.agentId && contact.agent?.id !== filters.agentId) return false;
  if (filters.category && !contact.categories.includes(filters.category)) return false;
  const [start, end] = bounds(filters, now);
  const at = Date.parse(contact.disconnectTimestamp ?? contact.updatedTimestamp);
  return (start === null || at >= start) && (end === null || at < end);
}
