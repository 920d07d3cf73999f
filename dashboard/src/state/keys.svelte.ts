/** Keyboard shortcuts: pages register theirs, the help dialog lists what is registered. */
export interface Shortcut {
  /** `event.key`, or two of them in sequence: "g c". */
  keys: string[];
  text: string;
  run: () => void;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: Shortcut[];
}

const SEQUENCE_MS = 1_000;

class Keys {
  groups = $state.raw<ShortcutGroup[]>([]);
  #pending = "";
  #at = 0;

  start(): void {
    addEventListener("keydown", (event) => this.#press(event));
  }

  register(group: ShortcutGroup): () => void {
    this.groups = [...this.groups, group];
    return () => {
      this.groups = this.groups.filter((one) => one !== group);
    };
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const fresh = performance.now() - this.#at < SEQUENCE_MS;
    const sequence = fresh && this.#pending ? `${this.#pending} ${event.key}` : event.key;
    this.#pending = event.key;
    this.#at = performance.now();
    const found = this.#find(sequence) ?? this.#find(event.key);
    if (!found || (event.key === " " && isPressable(event.target))) return;
    event.preventDefault();
    this.#pending = "";
    found.run();
  }

  #find(sequence: string): Shortcut | undefined {
    return this.groups.flatMap((group) => group.shortcuts).find((one) => one.keys.includes(sequence));
  }
}

const TYPED = "input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && !!target.closest(TYPED);
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && !!target.closest("button, summary, a, [role=tab]");
}

export const keys = new Keys();
