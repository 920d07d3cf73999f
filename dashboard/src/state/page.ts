/** Tell tests and tools that a page's data is drawn: `body[data-ready]` names the page. */
import { tick } from "svelte";

export async function pageIsReady(name: string): Promise<void> {
  await tick();
  if (document.body.dataset["ready"] === name) return;
  document.body.dataset["ready"] = name;
  performance.mark("ready");
}

export function pageIsLoading(): void {
  delete document.body.dataset["ready"];
}
