/** The queue of reviews: what is listed, which item is worked on, and the steps that one takes with it. */
import { get, post } from "../../api/client";
import type { ReviewItem, ReviewItemList, Segment } from "../../api/types";
import { asApiError, Resource } from "../../state/resource.svelte";
import { loadDetail, loadTurns } from "../contact/load";

export const FILTERS = ["state", "kind", "source", "order", "contactId"] as const;
export type Wanted = Record<(typeof FILTERS)[number], string>;
export const TO_DO = ["OPEN", "CLAIMED", "ANSWERED"];

const ME = "loupe.reviewer";
const KEPT = 20;

class ReviewQueue {
  list = new Resource<ReviewItemList>();
  /** The latest revision of items that were worked on here, also of those that left the list. */
  worked = $state.raw<ReadonlyMap<string, ReviewItem>>(new Map());
  busy = $state(false);
  problem = $state("");
  /** Who one is, as far as a claim has told. */
  me = $state(sessionStorage.getItem(ME) ?? "");

  items = $derived((this.list.data?.items ?? []).map((one) => this.#newer(one)));

  load(wanted: Wanted): Promise<void> {
    const state = { "": TO_DO, any: [] }[wanted.state] ?? [wanted.state];
    const { kind, source, contactId } = wanted;
    const order = wanted.order || "PRIORITY";
    return this.list.load(() => get<ReviewItemList>("/review-items", { state, kind, source, contactId, order }));
  }

  find(id: string): ReviewItem | undefined {
    return this.items.find((one) => one.id === id) ?? this.worked.get(id);
  }

  claim(item: ReviewItem): Promise<boolean> {
    return this.#step(item, "claim", {});
  }

  answer(item: ReviewItem, value: string, note: string): Promise<boolean> {
    return this.#step(item, "verdict", { value, note });
  }

  close(item: ReviewItem, note: string): Promise<boolean> {
    return this.#step(item, "resolve", { note });
  }

  async #step(item: ReviewItem, name: string, body: Record<string, string>): Promise<boolean> {
    this.busy = true;
    this.problem = "";
    try {
      const path = `/review-items/${encodeURIComponent(item.id)}/${name}`;
      const after = await post<ReviewItem>(path, { revision: item.revision, ...body });
      this.#keep(after);
      return true;
    } catch (error) {
      this.problem = asApiError(error).message;
      return false;
    } finally {
      this.busy = false;
    }
  }

  #keep(after: ReviewItem): void {
    this.worked = new Map([...[...this.worked].slice(-KEPT), [after.id, after]]);
    this.me = after.by;
    sessionStorage.setItem(ME, after.by);
  }

  /** The list may have been read before the step, or after a later one. */
  #newer(listed: ReviewItem): ReviewItem {
    const known = this.worked.get(listed.id);
    return known && known.revision > listed.revision ? known : listed;
  }
}

export const queue = new ReviewQueue();

const AROUND = 2;

export interface Excerpt {
  turns: Segment[];
  /** The turn that is judged, empty for the whole contact. */
  judged: string;
}

/** What a reviewer reads: the turn with those around it, or all of the conversation. */
export async function loadExcerpt(item: ReviewItem): Promise<Excerpt> {
  const { channel, segmentId } = item.place;
  const turns = channel ? await loadTurns(item.contactId, channel) : await loadAll(item.contactId);
  const at = turns.findIndex((turn) => turn.id === segmentId);
  if (at < 0) return { turns, judged: "" };
  return { turns: turns.slice(Math.max(0, at - AROUND), at + AROUND + 1), judged: turns[at]?.id ?? "" };
}

async function loadAll(contactId: string): Promise<Segment[]> {
  const { conversations } = await loadDetail(contactId);
  const turns = await Promise.all(conversations.map((one) => loadTurns(contactId, one.channel)));
  return turns.flat();
}
