/** Two pages of the desk that are fetched when they are first opened: escalation plans, and how I am reached. */
import { html, type TemplateResult } from "lit-html";
import { ask } from "./api";
import { explain } from "./incidents";
import { changed, desk } from "./state";
import { say } from "./words";
import type { Page } from "../reach/screen";

export const PLANS = "/desk/plans/";

let plans: typeof import("../plans/screen") | null = null;
let reach: typeof import("../reach/screen") | null = null;
let failed = false;

const mine: Page = {
  ask: <T>(path: string, body?: object) => ask<T>(body ? "POST" : "GET", path, {}, body),
  explain,
  changed,
  leave: leaveMore,
};

export function showsMore(): boolean {
  return desk.view === "plans" || desk.view === "contacts";
}

export function toPlans(): void {
  desk.view = "plans";
  void load();
}

export function toContacts(): void {
  desk.view = "contacts";
  void load();
}

function leaveMore(): void {
  desk.view = "incident";
  reach?.closeScreen();
  changed();
}

async function load(): Promise<void> {
  desk.pane = "panel";
  failed = false;
  changed();
  try {
    if (desk.view === "plans") {
      plans ??= await import("../plans/screen");
      plans.openScreen();
    } else {
      reach ??= await import("../reach/screen");
      reach.openScreen(mine);
    }
  } catch {
    failed = true;
  }
  changed();
}

/** Another center is watched, or another language spoken. */
export function moreAnew(): void {
  if (desk.view === "plans") plans?.refetch();
  if (desk.view === "contacts") void reach?.look();
}

export function morePanel(): TemplateResult {
  if (failed) return html`<div class="empty"><p role="alert">${say("problem_unreachable")}</p><button class="button" @click=${() => void load()}>${say("retry")}</button></div>`;
  if (desk.view === "plans" && plans) return plans.plansScreen(leaveMore);
  if (desk.view === "contacts" && reach) return reach.contactsScreen();
  return html`<p class="loading">${say("loading")}</p>`;
}
