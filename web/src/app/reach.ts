/** How I am reached, and my relatives: fetched when they are first opened. A running alarm always comes first. */
import { html, type TemplateResult } from "lit-html";
import type { Page } from "../reach/screen.ts";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";
import { t } from "./words.ts";

let open: "contacts" | "relatives" | null = null;
let loaded: typeof import("../reach/screen.ts") | null = null;
let problem = "";

const page: Page = {
  ask: <T>(path: string, body?: object) => ask<T>(`/app/${path}`, body),
  explain: (trouble) => (trouble instanceof Refused ? trouble.message || t("notAccepted") : t("noNetwork")),
  changed: draw,
  leave: closeReach,
};

export function reachIsOpen(): boolean {
  return open !== null;
}

export function openReach(what: "contacts" | "relatives"): void {
  open = what;
  problem = "";
  draw();
  void load();
}

function closeReach(): void {
  open = null;
  loaded?.closeScreen();
  draw();
}

async function load(): Promise<void> {
  try {
    loaded ??= await import("../reach/screen.ts");
    if (open) loaded.openScreen(page, open);
  } catch {
    problem = t("noNetwork");
  }
  draw();
}

export function reachScreen(): TemplateResult {
  if (loaded) return open === "relatives" ? loaded.relativesScreen() : loaded.contactsScreen();
  return html`<main>
    <p role="status">${problem || t("loading")}</p>
    <button type="button" class="button" data-test="reach-back" @click=${closeReach}>${t("back")}</button>
  </main>`;
}
