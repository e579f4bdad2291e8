/** Dark or light: by the system, unless the officer chose. The tokens' own dark block is switched on or off. */
export const THEMES = ["system", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT = "tocsin.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function theme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return THEMES.find((each) => each === kept) ?? "system";
}

export function isDark(): boolean {
  const chosen = theme();
  return chosen === "system" ? system.matches : chosen === "dark";
}

export function onTheme(listener: () => void): void {
  listeners.add(listener);
}

export function setTheme(wanted: Theme): void {
  localStorage.setItem(KEPT, wanted);
  applyTheme();
}

/** Find the blocks for a dark system in our own style sheets, and let them stand for the choice instead. */
let blocks: CSSMediaRule[] | null = null;

function darkBlocks(): CSSMediaRule[] {
  blocks ??= [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule): rule is CSSMediaRule => rule instanceof CSSMediaRule && rule.conditionText.includes("prefers-color-scheme: dark"));
  return blocks;
}

export function applyTheme(): void {
  const chosen = theme();
  for (const block of darkBlocks()) block.media.mediaText = chosen === "system" ? "(prefers-color-scheme: dark)" : chosen === "dark" ? "all" : "not all";
  document.documentElement.style.colorScheme = chosen === "system" ? "" : chosen;
  document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

system.addEventListener("change", applyTheme);
