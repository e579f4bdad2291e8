/** My duty: fetched when it is first opened, so that the alarm screen stays small. A running alarm always comes first. */
import { html, type TemplateResult } from "lit-html";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";
import { t } from "./words.ts";

let open = false;
let loaded: typeof import("../roster/app.ts") | null = null;
let problem = "";

export function dutyIsOpen(): boolean {
  return open;
}

export function openDuty(): void {
  open = true;
  problem = "";
  draw();
  void load();
}

function close(): void {
  open = false;
  loaded?.closeDuty();
  draw();
}

async function load(): Promise<void> {
  try {
    loaded ??= await import("../roster/app.ts");
    const explain = (trouble: unknown): string => (trouble instanceof Refused ? trouble.message || t("notAccepted") : t("noNetwork"));
    if (open) loaded.openDuty({ ask, explain, changed: draw, leave: close });
  } catch {
    problem = t("noNetwork");
  }
  draw();
}

export function dutyInLanguage(): void {
  if (open) void loaded?.look();
}

export function dutyScreen(): TemplateResult {
  if (loaded) return loaded.dutyScreen();
  return html`<main>
    <p role="status">${problem || t("loading")}</p>
    <button type="button" class="button" data-test="duty-back" @click=${close}>${t("back")}</button>
  </main>`;
}
