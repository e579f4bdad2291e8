/** The devices view of the desk: fetched when it is first opened; the siren and the strip stay where they are. */
import { html, nothing, type TemplateResult } from "lit-html";
import { ask } from "./api";
import { wall } from "./clock";
import { icon } from "./icons";
import { explain } from "./incidents";
import { PLANS } from "./more";
import { ROSTER } from "./roster";
import { changed, desk, zone } from "./state";
import { say } from "./words";
import type { Detail, Device, New, Owners, Page, Protocol } from "../pairing/types";

export const DEVICES = "/desk/devices/";

let loaded: typeof import("../pairing/screen") | null = null;
let failed = false;
let of = "";

/** Those who may act at the center may see and pair its devices. */
export function mayPair(): boolean {
  return desk.me?.centers.find((each) => each.code === desk.center)?.verbs ?? false;
}

const page: Page = {
  protocols: async () => (await ask<{ items: Protocol[] }>("GET", "protocols")).items,
  devices: () => ask<{ items: Device[]; now: string }>("GET", "devices", { center: desk.center }),
  device: (id) => ask<Detail>("GET", `devices/${id}`),
  add: (device: New) => ask<Detail>("POST", "devices", {}, { center: desk.center, ...device }),
  act: (id, verb, body = {}) => ask<Detail>("POST", `devices/${id}/${verb}`, {}, body),
  explain,
  changed,
  leave: leaveDevices,
  wall: (iso) => wall(iso, zone()),
  staff: {
    center: () => desk.center,
    owners: (words) => ask<Owners>("GET", "owners", { center: desk.center, q: words }),
    addSite: (name, address) => ask<Owners["sites"][number]>("POST", "sites", {}, { center: desk.center, name, address }),
  },
};

export function toDevices(): void {
  desk.view = "devices";
  desk.pane = "panel";
  changed();
  void load();
}

export function leaveDevices(): void {
  desk.view = "incident";
  changed();
}

async function load(): Promise<void> {
  failed = false;
  try {
    loaded ??= await import("../pairing/screen");
    of = desk.center;
    loaded.openScreen(page);
  } catch {
    failed = true;
  }
  changed();
}

/** After each drawing: nobody looks for news of a page that is not shown, and the address says which page this is. */
export function settleDevices(): void {
  if (desk.view !== "devices") {
    if (of) loaded?.closeScreen();
    of = "";
  } else if (loaded && of && of !== desk.center) {
    of = desk.center;
    loaded.otherCenter();
  }
  if (!desk.center) return; // not begun yet
  const address = desk.view === "devices" ? DEVICES : desk.view === "roster" ? ROSTER : desk.view === "plans" ? PLANS : "/desk/";
  if (location.pathname !== address) history.replaceState(null, "", address);
}

export function devicesPanel(): TemplateResult {
  if (failed) return html`<div class="empty"><p role="alert">${say("devices_failed")}</p><button class="button" @click=${() => void load()}>${say("retry")}</button></div>`;
  return loaded && of ? loaded.devicesScreen() : html`<p class="loading">${say("loading")}</p>`;
}

/** In another language. */
export function devicesInLanguage(): void {
  if (desk.view === "devices") loaded?.refetch();
}

// ── on the main page ────────────────────────────────────────────────────────

/** How many are silent or complain, for the quiet line under the queue. */
export async function countTroubled(): Promise<void> {
  if (!mayPair()) return;
  const center = desk.center;
  const { items } = await ask<{ items: Device[] }>("GET", "devices", { center, troubled: "true" });
  if (center !== desk.center) return;
  const silent = items.filter((each) => each.state === "silent").length;
  desk.troubled = { silent, trouble: items.length - silent };
  changed();
}

export function troubledLine(): TemplateResult | typeof nothing {
  const { silent, trouble } = desk.troubled;
  if (!silent && !trouble) return nothing;
  const words = [
    silent ? say(silent === 1 ? "silent_one" : "silent_many", { n: silent }) : "",
    trouble ? say(trouble === 1 ? "troubled_one" : "troubled_many", { n: trouble }) : "",
  ].filter(Boolean);
  return html`<a class="troubled" href=${DEVICES} data-test="troubled" @click=${(event: Event) => {
    event.preventDefault();
    toDevices();
  }}>${icon("device")}<span>${words.join(" · ")}</span></a>`;
}
