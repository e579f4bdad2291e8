/** My devices: fetched when they are first opened, so that the alarm screen stays small. A running alarm always comes first. */
import { html, type TemplateResult } from "lit-html";
import type { Detail, Device, Page, Protocol } from "../pairing/types.ts";
import { draw } from "./draw.ts";
import { ask, Refused } from "./member.ts";
import { t } from "./words.ts";

let open = false;
let loaded: typeof import("../pairing/screen.ts") | null = null;
let problem = "";

const page: Page = {
  protocols: async () => (await ask<{ items: Protocol[] }>("/app/protocols")).items,
  devices: () => ask<{ items: Device[]; now: string }>("/app/devices"),
  device: (id) => ask<Detail>(`/app/devices/${id}`),
  add: (device) => ask<Detail>("/app/devices", device),
  act: (id, verb, body = {}) => ask<Detail>(`/app/devices/${id}/${verb}`, body),
  explain: (trouble) => (trouble instanceof Refused ? trouble.message || t("notAccepted") : t("noNetwork")),
  changed: draw,
  leave: closeDevices,
};

export function devicesAreOpen(): boolean {
  return open;
}

export function openDevices(): void {
  open = true;
  problem = "";
  draw();
  void load();
}

export function closeDevices(): void {
  open = false;
  loaded?.closeScreen();
  draw();
}

async function load(): Promise<void> {
  try {
    loaded ??= await import("../pairing/screen.ts");
    if (open) loaded.openScreen(page);
  } catch {
    problem = t("noNetwork");
  }
  draw();
}

export function devicesInLanguage(): void {
  if (open) loaded?.refetch();
}

export function devicesScreen(): TemplateResult {
  if (loaded) return loaded.devicesScreen();
  return html`<main>
    <p role="status">${problem || t("loading")}</p>
    <button type="button" class="button" data-test="devices-back" @click=${closeDevices}>${t("back")}</button>
  </main>`;
}
