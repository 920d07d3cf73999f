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

  /** Rows in sight change in place; others are only counted until they are asked for. */
  take(events: FeedEvent[]): number {
    if (!this.#filters || !this.loaded) return 0;
    const fresh = new Set(this.fresh);
    for (const { contact } of events) {
      const index = this.items.findIndex((one) => one.contactId === contact.contactId);
      if (index >= 0) this.#replace(index, contact);
      else if (matches(this.#filters, contact, Date.now())) fresh.add(contact.contactId);
      else fresh.delete(contact.contactId);
    }
    const added = fresh.size - this.fresh.size;
    this.fresh = fresh;
    return added;
  }

  #replace(index: number, contact: ContactSummary): void {
    if (contact.version >= (this.items[index]?.version ?? 0)) this.items = this.items.with(index, contact);
  }

  async #fetch(nextToken: string, take: (page: Page) => void): Promise<void> {
    if (!this.#filters) return;
    const turn = ++this.#turn;
    this.loading = true;
    try {
      const query = { ...toQuery(this.#filters, Date.now()), maxResults: PAGE, nextToken };
      const page = await get<Page>("/contacts", query);
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
  }
}

export const contactList = new ContactList();
