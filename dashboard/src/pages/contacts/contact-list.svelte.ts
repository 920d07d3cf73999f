/** The list of contacts: pages by cursor, kept current by the feed without moving what is read. */
import { get } from "../../api/client";
import type { ContactList as Page, ContactSummary, FeedEvent } from "../../api/types";
import { asApiError } from "../../state/resource.svelte";
import type { ApiError } from "../../api/client";
import { type Filters, matches, toQuery } from "./filters";

const PAGE = 50;

class ContactList {
  items = $state.raw<ContactSummary[]>([]);
  nextToken = $state("");
  searchedTo = $state("");
  loading = $state(false);
  loaded = $state(false);
  error = $state.raw<ApiError | null>(null);
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  scrollY = 0;
  #key: string | null = null;
  #filters: Filters | null = null;
  #turn = 0;
  #held: FeedEvent[] = [];

  /** Show what these filters find; what is already shown for them stays (the way back). */
  open(filters: Filters): void {
    const key = JSON.stringify(filters);
    if (key === this.#key && this.loaded && !this.error) return;
    this.#key = key;
    this.#filters = filters;
    this.scrollY = 0;
    this.loaded = false;
    void this.reload();
  }

  async reload(): Promise<void> {
    this.fresh = new Set();
    await this.#fetch("", (page) => (this.items = page.items));
  }

  async more(): Promise<void> {
    await this.#fetch(this.nextToken, (page) => {
      const known = new Set(this.items.map((one) => one.contactId));
      this.items = [...this.items, ...page.items.filter((one) => !known.has(one.contactId))];
    });
  }

  /** Rows in sight change in place; others are only counted until they are asked for: how many more. */
  take(events: FeedEvent[], initial: boolean): number {
    if (!this.loaded || this.loading || initial) {
      this.#held.push(...events);
      if (this.loaded && !this.loading) void this.#judgeHeld();
      return 0;
    }
    const fresh = new Set(this.fresh);
    for (const { contact } of events) {
      if (this.#replaced(contact)) continue;
      if (this.#belongs(contact)) fresh.add(contact.contactId);
      else fresh.delete(contact.contactId);
    }
    const added = fresh.size - this.fresh.size;
    this.fresh = fresh;
    return added;
  }

  /** Of events around the time of loading nobody knows whether the list has seen them: ask once more. */
  async #judgeHeld(): Promise<void> {
    const held = this.#held.splice(0);
    const unknown = held.filter(({ contact }) => !this.#replaced(contact) && this.#belongs(contact));
    if (!unknown.length) return;
    const turn = this.#turn;
    const page = await this.#page("").catch(() => null);
    if (!page || turn !== this.#turn) return;
    const known = new Set(this.items.map((one) => one.contactId));
    const ids = page.items.map((one) => one.contactId).filter((id) => !known.has(id));
    this.fresh = new Set([...this.fresh, ...ids]);
  }

  #belongs(contact: ContactSummary): boolean {
    return this.#filters !== null && matches(this.#filters, contact, Date.now());
  }

  #replaced(contact: ContactSummary): boolean {
    const index = this.items.findIndex((one) => one.contactId === contact.contactId);
    const old = this.items[index];
    if (old && contact.version >= old.version) this.items = this.items.with(index, contact);
    return old !== undefined;
  }

  #page(nextToken: string): Promise<Page> {
    if (!this.#filters) throw new Error("open() comes first");
    return get<Page>("/contacts", { ...toQuery(this.#filters, Date.now()), maxResults: PAGE, nextToken });
  }

  async #fetch(nextToken: string, take: (page: Page) => void): Promise<void> {
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const page = await this.#page(nextToken);
      if (turn !== this.#turn) return;
      take(page);
      this.nextToken = page.nextToken ?? "";
      this.searchedTo = page.truncated ? (page.searchedTo ?? "") : "";
      this.error = null;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.error = asApiError(error);
    }
    this.loading = false;
    this.loaded = true;
    void this.#judgeHeld();
  }
}

export const contactList = new ContactList();
