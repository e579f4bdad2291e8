/** My data: fetched when it is first opened. A running alarm always comes first. */
import { html, type TemplateResult } from "lit-html";
import type { Page } from "../privacy/screen.ts";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";
import { t } from "./words.ts";

let open = false;
let loaded: typeof import("../privacy/screen.ts") | null = null;
let problem = "";

const page: Page = {
  ask: <T>(path: string, body?: object) => ask<T>(`/app/${path}`, body),
  explain: (trouble) => (trouble instanceof Refused ? trouble.message || t("notAccepted") : t("noNetwork")),
  changed: draw,
  leave: close,
};

export function privacyIsOpen(): boolean {
  return open;
}

export function openPrivacy(): void {
  open = true;
  problem = "";
  draw();
  void load();
}

/** Its texts come from the server, in the language that was spoken then. */
export function privacyInLanguage(): void {
  if (open) void loaded?.look();
}

function close(): void {
  open = false;
  loaded?.closeScreen();
  draw();
}

async function load(): Promise<void> {
  try {
    loaded ??= await import("../privacy/screen.ts");
    if (open) loaded.openScreen(page);
  } catch {
    problem = t("noNetwork");
  }
  draw();
}

export function privacyScreen(): TemplateResult {
  if (loaded) return loaded.privacyScreen();
  return html`<main>
    <p role="status">${problem || t("loading")}</p>
    <button type="button" class="button" data-test="mydata-back" @click=${close}>${t("back")}</button>
  </main>`;
}
