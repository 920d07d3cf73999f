/** What happened to contacts, by polling with ETag; listeners get each event once. */
import { getIfChanged } from "../api/client";
import { session } from "../api/session.svelte";
import type { Feed, FeedEvent } from "../api/types";

const KEEP = 30;
const FIRST_POLL_MS = 5_000;
const HIDDEN_POLL_MS = 60_000;
const MAX_POLL_MS = 60_000;

/** `initial`: the events happened before the feed began, perhaps before the page was loaded. */
type Listener = (events: FeedEvent[], initial: boolean) => void;

class LiveFeed {
  events = $state.raw<FeedEvent[]>([]);
  live = $state(true);
  started = $state(false);
  #cursor = "";
  #etag = "";
  #pollAfter = FIRST_POLL_MS;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<Listener>();
  #riders = new Set<() => Promise<void>>();
  #running = false;

  start(): void {
    if (this.#running) return;
    this.#running = true;
    document.addEventListener("visibilitychange", () => this.#schedule(0));
    this.#schedule(0);
  }

  /** Call back with every new event; the returned function ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ask something else after every answered poll, so that the page has one rhythm; `ask` keeps its
   * failures to itself. The returned function ends it. */
  ride(ask: () => Promise<void>): () => void {
    this.#riders.add(ask);
    return () => this.#riders.delete(ask);
  }

  /** Ask again at once: the user has just done something that will show up. */
  hurry(): void {
    if (this.#running) this.#schedule(300);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#poll(), ms);
  }

  async #poll(): Promise<void> {
    if (session.refused) return;
    try {
      const answer = await getIfChanged<Feed>("/feed", { since: this.#cursor }, this.#etag);
      this.#failures = 0;
      this.live = true;
      this.#etag = answer.etag;
      if (answer.data) this.#take(answer.data);
      this.started = true;
      await Promise.all([...this.#riders].map((ask) => ask()));
    } catch {
      this.#failures++;
      this.live = false;
    }
    this.#schedule(this.#wait());
  }

  #wait(): number {
    if (document.hidden) return HIDDEN_POLL_MS;
    return Math.min(this.#pollAfter * 2 ** this.#failures, MAX_POLL_MS);
  }

  #take(feed: Feed): void {
    this.#pollAfter = feed.pollAfterMs;
    if (feed.cursor !== this.#cursor) this.#etag = "";
    this.#cursor = feed.cursor;
    const known = new Set(this.events.map((event) => event.id));
    const fresh = feed.events.filter((event) => !known.has(event.id));
    if (!fresh.length) return;
    const newestFirst = [...fresh].sort((a, b) => b.at.localeCompare(a.at));
    this.events = [...newestFirst, ...this.events].slice(0, KEEP);
    for (const listener of this.#listeners) listener(fresh, !this.started);
  }
}

export const feed = new LiveFeed();
