/** Two languages, one catalog per part: `{key: {zh, en}}`. A key without one of its languages does not compile. */

export type Language = "zh-Hans" | "en";
export type Phrase = { readonly zh: string; readonly en: string };

const STORED = "tocsin.language";
const COOKIE = "tocsin_language"; // read by the pages that the server renders: one choice for all of Tocsin
const listeners = new Set<() => void>();
let chosen: Language = stored() ?? ofBrowser();

function stored(): Language | null {
  try {
    const value = document.cookie.match(`(?:^|; )${COOKIE}=(zh-hans|en)`)?.[1] ?? localStorage.getItem(STORED);
    return value === "en" ? "en" : value?.toLowerCase() === "zh-hans" ? "zh-Hans" : null;
  } catch {
    return null; // storage may be forbidden; the browser's language stands
  }
}

function ofBrowser(): Language {
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
}

export function language(): Language {
  return chosen;
}

/** Has the person chosen a language here? If not, the one kept with their account may be taken. */
export function languageWasChosen(): boolean {
  return stored() !== null;
}

/** `remember`: this person chose it here. Not so for the language of an account, which others of this computer need not share. */
export function setLanguage(wanted: Language, remember = true): void {
  chosen = wanted;
  try {
    if (remember) localStorage.setItem(STORED, wanted);
    if (remember) document.cookie = `${COOKIE}=${wanted.toLowerCase()}; path=/; max-age=31536000; samesite=lax`;
  } catch {
    // then it lasts as long as the page
  }
  markPage();
  for (const listener of listeners) listener();
}

/** Tell the page (screen readers, fonts, hyphenation) which language it is in. */
export function markPage(): void {
  document.documentElement.lang = chosen;
}

/** Calls back after each change; answers with the way to stop. */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `const t = words({hello: {zh: "你好，{name}", en: "Hello, {name}"}}); t("hello", {name: "Li"})` */
export function words<Key extends string>(catalog: Readonly<Record<Key, Phrase>>) {
  return (key: Key, values: Readonly<Record<string, string | number>> = {}): string => {
    const phrase = catalog[key][chosen === "en" ? "en" : "zh"];
    return phrase.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}

/** A time of day as the person reads it. */
export function clockTime(when: Date | string, seconds = false): string {
  return new Date(when).toLocaleTimeString(chosen === "en" ? "en-ZA" : "zh-CN", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds && { second: "2-digit" }),
    hourCycle: "h23",
  });
}
