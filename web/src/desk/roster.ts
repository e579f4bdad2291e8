/** The roster on the desk: who is on duty now in the top bar, a hand-over note until it is confirmed, and the page itself. */
import "../roster/roster.css";
import { html, nothing, type TemplateResult } from "lit-html";
import { ask } from "./api";
import { icon } from "./icons";
import { explain } from "./incidents";
import { changed, desk } from "./state";
import { toast } from "./toast";
import { local } from "../roster/time";
import type { Handover, Now, Page } from "../roster/types";
import { t } from "../roster/words";

export const ROSTER = "/desk/roster/";

let loaded: typeof import("../roster/screen") | null = null;
let failed = false;
let of = "";
let now: Now | null = null;
let busy = false;

const page: Page = {
  ask,
  center: () => desk.center,
  me: () => desk.me?.id ?? 0,
  acts,
  explain,
  changed,
  leave: leaveRoster,
  stirred: () => void lookWhoIsOn(),
};

function acts(): boolean {
  return desk.me?.centers.find((each) => each.code === desk.center)?.verbs ?? false;
}

// ── the page ────────────────────────────────────────────────────────────────

export function toRoster(): void {
  desk.view = "roster";
  desk.pane = "panel";
  changed();
  void load();
}

function leaveRoster(): void {
  desk.view = "incident";
  changed();
}

async function load(): Promise<void> {
  failed = false;
  try {
    loaded ??= await import("../roster/screen");
    of = desk.center;
    loaded.openScreen(page);
  } catch {
    failed = true;
  }
  changed();
}

/** After each drawing: nobody looks for news of a page that is not shown. */
export function settleRoster(): void {
  if (desk.view !== "roster") {
    if (of) loaded?.closeScreen();
    of = "";
  } else if (loaded && of && of !== desk.center) {
    of = desk.center;
    loaded.otherCenter();
  }
}

export function rosterPanel(): TemplateResult {
  if (failed) return html`<div class="empty"><p role="alert">${t("failed")}</p><button class="button" @click=${() => void load()}>${t("retry")}</button></div>`;
  return loaded && of ? loaded.rosterScreen() : html`<p class="loading">${t("loading")}</p>`;
}

// ── on every page of the desk ───────────────────────────────────────────────

/** Ask anew: after a change that the book told, and each minute, since a shift ends without one. */
export async function lookWhoIsOn(): Promise<void> {
  const center = desk.center;
  const found = await ask<Now>("GET", "on-duty", { center }).catch(() => null);
  if (center !== desk.center) return;
  if (found) now = found;
  if (desk.view === "roster") void loaded?.look();
  changed();
}

/** What the book says that changes who is on duty or which note waits. */
export function concernsRoster(kind: string): boolean {
  return /^(shift|handover|responder)_/.test(kind);
}

/** The button in the top bar. */
export function whoIsOn(): TemplateResult {
  const here = now?.center === desk.center ? now : null;
  const officers = here?.people.filter((each) => each.duty === "duty_officer") ?? [];
  const first = officers[0];
  const rostered = first?.by === "shift";
  const said = !here
    ? t("loading")
    : !first
      ? t("nowNobody")
      : !rostered
        ? t("nowEverybody", { n: officers.length })
        : officers.length === 1
          ? first.name
          : t("nowMore", { name: first.name, n: officers.length - 1 });
  const until = here && rostered && first.until && officers.length === 1 ? t("nowUntil", { time: local(first.until, here.time_zone).time }) : "";
  return html`<button class="tool on-duty ${here && !first ? "nobody" : ""}" data-test="on-duty" aria-pressed=${desk.view === "roster" ? "true" : "false"} title=${t("openRoster")} @click=${toRoster}>
    ${icon("people")}<span class="on-duty-words"><span class="on-duty-label">${t("now")}</span> <strong>${said}</strong>${until ? html` <span class="on-duty-until">${until}</span>` : nothing}</span>
  </button>`;
}

async function confirm(note: Handover): Promise<void> {
  if (busy) return;
  busy = true;
  changed();
  try {
    await ask("POST", `handovers/${note.id}/confirm`, {}, {});
  } catch (trouble) {
    toast(explain(trouble), "warn");
  }
  busy = false;
  await lookWhoIsOn();
}

/** The oldest note that waits for this officer, until somebody confirms it. */
export function noteToRead(): TemplateResult | typeof nothing {
  if (now?.center !== desk.center || !acts() || desk.view === "roster") return nothing;
  const waiting = now.handovers.filter((each) => each.author.id !== desk.me?.id);
  const note = waiting[0];
  if (!note) return nothing;
  const time = local(note.at, now.time_zone).time;
  return html`<section class="handover" aria-label=${t("handoverNote")} data-test="handover">
    <p><strong>${t("handoverNote")}</strong> <span class="soft">${t("handoverFrom", { name: note.author.name, time })}${waiting.length > 1 ? ` · ${t("handoverMore", { n: waiting.length - 1 })}` : ""}</span></p>
    <p class="handover-text" tabindex="0">${note.text}</p>
    <button class="button accent" data-test="confirm-handover" ?disabled=${busy} @click=${() => void confirm(note)}>${t("handoverConfirm")}</button>
  </section>`;
}

export function rosterPane(): TemplateResult {
  return html`<button data-test="pane-roster" aria-pressed=${desk.view === "roster" && desk.pane === "panel" ? "true" : "false"} @click=${toRoster}>
    ${icon("people")}<span>${t("roster")}</span>
  </button>`;
}
