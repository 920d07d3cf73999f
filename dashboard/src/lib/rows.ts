/** Moving through the rows of a list by keyboard: what carries `data-row` is a row's control. */
import type { Shortcut } from "../state/keys.svelte";
import { t } from "../texts/en";

export function moveRow(step: number): void {
  const all = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

export function openRow(): void {
  (document.activeElement as HTMLElement | null)?.click();
}

export const rowShortcuts = (): Shortcut[] => [
  { keys: ["j", "ArrowDown"], text: t.help.next, run: () => moveRow(1) },
  { keys: ["k", "ArrowUp"], text: t.help.previous, run: () => moveRow(-1) },
  { keys: ["Enter"], text: t.help.openRow, run: openRow },
];
