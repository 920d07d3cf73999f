/** Hash routes: they need nothing from the host. The whole state of a page lives in the address. */
import { takeTokenFromFragment } from "../api/session.svelte";

export type PageName = "contacts" | "contact" | "follow-ups" | "reviews" | "bots" | "ingest" | "api" | "unknown";

/** Pages without an id, which are called by their address. */
const PLAIN: readonly string[] = ["follow-ups", "reviews", "bots", "ingest", "api"] satisfies PageName[];

export interface Route {
  page: PageName;
  id: string;
  params: URLSearchParams;
}

function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [head = "", id = ""] = path.split("/").map(decode);
  const params = new URLSearchParams(query);
  if (head === "" || (head === "contacts" && !id)) return { page: "contacts", id: "", params };
  if (head === "contacts") return { page: "contact", id, params };
  if (PLAIN.includes(head) && !id) return { page: head as PageName, id: "", params };
  return { page: "unknown", id: head, params };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Router {
  route = $state.raw<Route>(parse(""));

  start(): void {
    this.#read();
    addEventListener("hashchange", () => {
      // A fresh link opened in this tab changes only the fragment.
      if (takeTokenFromFragment()) location.reload();
      else this.#read();
    });
  }

  go(href: string): void {
    location.hash = href.replace(/^#/, "");
  }

  /** Set (or with "" remove) query values; `replace` leaves no entry in the history. */
  setParams(patch: Record<string, string>, replace = false): void {
    const params = new URLSearchParams(this.route.params);
    for (const [name, value] of Object.entries(patch)) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
    const query = params.toString();
    const path = location.hash.replace(/^#\/?/, "").split("?", 1)[0];
    const hash = `#/${path}${query ? `?${query}` : ""}`;
    if (hash === location.hash) return;
    history[replace ? "replaceState" : "pushState"](null, "", hash);
    this.#read();
  }

  #read(): void {
    this.route = parse(location.hash);
  }
}

export const router = new Router();

export const contactHref = (id: string, ms?: number): string =>
  `#/contacts/${encodeURIComponent(id)}${ms === undefined ? "" : `?t=${Math.round(ms)}`}`;

/** The address of a page with what is set in it. */
export function pageHref(page: PageName, params: Record<string, string>): string {
  const set = Object.entries(params).filter(([, value]) => value);
  return `#/${page}${set.length ? `?${new URLSearchParams(set).toString()}` : ""}`;
}
