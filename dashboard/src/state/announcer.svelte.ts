/** The polite live region of what passes: at most one announcement in ten seconds, the latest wins. */
const PAUSE_MS = 10_000;

export const announcer = $state({ text: "" });
let last = -PAUSE_MS;
let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
  clearTimeout(timer);
  const wait = Math.max(0, last + PAUSE_MS - performance.now());
  timer = setTimeout(() => {
    last = performance.now();
    announcer.text = text;
  }, wait);
}
