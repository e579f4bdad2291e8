/** Pages fetched when they are first opened: who looked at me, what I am sent to, my details. A running alarm always comes first. */
import { html, type TemplateResult } from "lit-html";
import type { Lent } from "../looks/screen.ts";
import type { Leaves } from "../profile/screen.ts";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";
import { leave } from "./settings.ts";
import { t } from "./words.ts";

type Name = "looks" | "sent" | "profile";
type Page = { openScreen(by: Lent): void; closeScreen(): void; look(): Promise<void>; content(): TemplateResult };

const loaded: { [name in Name]?: Page } = {};
let open: Name | null = null;
let problem = "";

const lent: Lent & Leaves = {
  ask,
  explain: (trouble) => (trouble instanceof Refused ? trouble.message || t("notAccepted") : t("noNetwork")),
  changed: draw,
  leave: close,
  left: async () => {
    close();
    await leave();
  },
};

export function seenIsOpen(): boolean {
  return open !== null;
}

export function openSeen(what: Name): void {
  open = what;
  problem = "";
  draw();
  void load(what);
}

function close(): void {
  if (open) loaded[open]?.closeScreen();
  open = null;
  draw();
}

async function load(what: Name): Promise<void> {
  try {
    loaded[what] ??= what === "looks" ? await import("../looks/screen.ts") : what === "sent" ? await import("../sent/screen.ts") : await import("../profile/screen.ts");
    if (open === what) loaded[what]?.openScreen(lent);
  } catch {
    problem = t("noNetwork");
  }
  draw();
}

export function seenInLanguage(): void {
  if (open) void loaded[open]?.look();
}

export function seenScreen(): TemplateResult {
  const page = open && loaded[open];
  if (page) return page.content();
  return html`<main>
    <p role="status">${problem || t("loading")}</p>
    <button type="button" class="button" data-test="seen-back" @click=${close}>${t("back")}</button>
  </main>`;
}
