/** System, light or dark; `version` counts changes, so that canvases know when to redraw. */
export type Theme = "system" | "light" | "dark";

const KEY = "loupe.theme";
const ORDER: Theme[] = ["system", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");
const forced = matchMedia("(forced-colors: active)");

function stored(): Theme {
  const value = localStorage.getItem(KEY) as Theme | null;
  return value && ORDER.includes(value) ? value : "system";
}

export const theme = $state<{ choice: Theme; version: number }>({ choice: stored(), version: 0 });

export function startTheme(): void {
  dark.addEventListener("change", apply);
  forced.addEventListener("change", apply);
  apply();
}

export function nextTheme(): void {
  theme.choice = ORDER[(ORDER.indexOf(theme.choice) + 1) % ORDER.length] ?? "system";
  localStorage.setItem(KEY, theme.choice);
  apply();
}

function apply(): void {
  const isDark = theme.choice === "dark" || (theme.choice === "system" && dark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  theme.version++;
}
