/** Alerts of rules, asked for along with the feed. This browser remembers the last one that was looked at. */
import { ApiError, getIfChanged } from "../api/client";
import type { Alert, AlertList } from "../api/types";
import { feed } from "./feed.svelte";

const KEY = "loupe.alerts.seen";
export const DAYS = 7;
export const KEEP = 100;
const DAY_MS = 86_400_000;
/** An alert that had to be tried again stands at the time of its match: at most 75 minutes back. */
const OVERLAP_MS = 2 * 3_600_000;

/** Orders alerts in time, and those of one moment in some way that stays. */
const mark = (alert: Alert): string => `${alert.matchedAt} ${alert.id}`;

class Alerts {
  /** Newest first. */
  items = $state.raw<Alert[]>([]);
  unseen = $state.raw<ReadonlySet<string>>(new Set());
  /** Whether there is such a list, and one may read it. */
  available = $state(false);
  truncated = $state(false);
  #since = new Date(Date.now() - DAYS * DAY_MS).toISOString();
  #etag = "";
  #known = new Set<string>();
  #end: (() => void) | undefined;

  start(): void {
    this.#end ??= feed.ride(() => this.#ask());
    addEventListener("storage", (event) => {
      if (event.key === KEY) this.#seenUpTo(event.newValue ?? "");
    });
  }

  /** All that is listed has been looked at. */
  see(): void {
    this.unseen = new Set();
    const newest = this.items[0];
    if (newest) localStorage.setItem(KEY, mark(newest));
  }

  async #ask(): Promise<void> {
    const since = this.#since;
    try {
      const answer = await getIfChanged<AlertList>("/alerts", { since }, this.#etag);
      this.#etag = answer.etag;
      if (answer.data) this.#take(answer.data);
      this.available = true;
    } catch (error) {
      if (!(error instanceof ApiError) || ![403, 404].includes(error.status)) return;
      this.available = false;
      this.#end?.();
    }
  }

  #take(list: AlertList): void {
    const fresh = list.items.filter((alert) => !this.#known.has(alert.id));
    for (const alert of fresh) this.#known.add(alert.id);
    const newestFirst = [...fresh, ...this.items].sort((a, b) => (mark(a) < mark(b) ? 1 : -1));
    this.truncated ||= list.truncated || newestFirst.length > KEEP;
    this.items = newestFirst.slice(0, KEEP);
    this.#count(fresh);
    this.#askFromNewest();
  }

  /** What came while the page was open is new even if it stands below what was seen. */
  #count(fresh: Alert[]): void {
    const seen = localStorage.getItem(KEY) ?? "";
    const added = this.available ? fresh : fresh.filter((alert) => mark(alert) > seen);
    if (!added.length) return;
    this.unseen = new Set([...this.unseen, ...added.map((alert) => alert.id)]);
  }

  #askFromNewest(): void {
    const newest = this.items[0];
    if (!newest) return;
    const since = new Date(Date.parse(newest.matchedAt) - OVERLAP_MS).toISOString();
    if (since > this.#since) [this.#since, this.#etag] = [since, ""];
  }

  #seenUpTo(seen: string): void {
    const above = this.items.filter((alert) => this.unseen.has(alert.id) && mark(alert) > seen);
    this.unseen = new Set(above.map((alert) => alert.id));
  }
}

export const alerts = new Alerts();
