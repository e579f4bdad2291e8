/** My phones and my number: fetched when they are first opened. A running alarm always comes first. */
import { html, type TemplateResult } from "lit-html";
import type { Page } from "../account/screen.ts";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";
import { t } from "./words.ts";

let open: "phones" | "number" | null = null;
let loaded: typeof import("../account/screen.ts") | null = null;
let problem = "";

const page: Page = {
  ask,
  explain: (trouble) => (trouble instanceof Refused ? trouble.message || t("notAccepted") : t("noNetwork")),
  changed: draw,
  leave: closeAccount,
};

export function accountIsOpen(): boolean {
  return open !== null;
}

export function openAccount(what: "phones" | "number"): void {
  open = what;
  problem = "";
  draw();
  void load();
}

function closeAccount(): void {
  open = null;
  draw();
}

async function load(): Promise<void> {
  try {
    loaded ??= await import("../account/screen.ts");
    if (open) loaded.openScreen(page, open);
  } catch {
    problem = t("noNetwork");
  }
  draw();
}

export function accountScreen(): TemplateResult {
  if (loaded) return loaded.accountScreen();
  return html`<main>
    <p role="status">${problem || t("loading")}</p>
    <button type="button" class="button" data-test="account-back" @click=${closeAccount}>${t("back")}</button>
  </main>`;
}
