/** My phones and my number: where I am signed in, how to end it, and how my number becomes another. The page around lends its calls. */
import { html, nothing, type TemplateResult } from "lit-html";
import { language } from "../i18n.ts";
import "../reach/reach.css";
import { t } from "./words.ts";

interface Phone {
  id: number;
  name: string;
  here: boolean;
  since: string;
  seen_at: string | null;
}

interface Numbered {
  phone: string | null;
  change: { phone: string; old: boolean; new: boolean; desk: boolean; until: string } | null;
  demo_codes?: Partial<Record<Which, string>>;
}

type Which = "old" | "new";

export interface Page {
  ask<T>(path: string, body?: unknown, method?: string): Promise<T>;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
}

let page: Page;
let open: "phones" | "number" = "phones";
let phones: Phone[] | null = null;
let number: Numbered | null = null;
let demo: Partial<Record<Which, string>> = {};
let sure = 0; // the phone that is about to be revoked
let busy = false;
let problem = "";
let told = "";

export function openScreen(by: Page, what: "phones" | "number"): void {
  page = by;
  open = what;
  sure = 0;
  phones = number = null;
  demo = {};
  problem = told = "";
  page.changed();
  void attempt(what === "phones" ? lookAtPhones : lookAtNumber);
  setTimeout(() => document.querySelector<HTMLElement>("[data-heading]")?.focus());
}

async function attempt(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  problem = told = "";
  page.changed();
  try {
    await work();
  } catch (error) {
    problem = page.explain(error);
  }
  busy = false;
  page.changed();
}

async function lookAtPhones(): Promise<void> {
  phones = (await page.ask<{ items: Phone[] }>("/app/phones")).items;
}

async function lookAtNumber(): Promise<void> {
  number = await page.ask<Numbered>("/app/number");
}

function revoke(each: Phone): void {
  sure = 0;
  void attempt(async () => {
    phones = (await page.ask<{ items: Phone[] }>(`/app/phones/${each.id}/revoke`, {})).items;
    told = t("revoked");
  });
}

function when(moment: string): string {
  return new Date(moment).toLocaleString(language() === "en" ? "en-ZA" : "zh-CN", { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}

function frame(title: string, why: string, loaded: boolean, body: unknown): TemplateResult {
  return html`<div class="reach">
    <header class="reach-head">
      <h2 data-heading tabindex="-1">${title}</h2>
      <button type="button" class="button" data-test="account-back" @click=${() => page.leave()}>${t("back")}</button>
    </header>
    <div class="reach-scroll">
      <p class="soft">${why}</p>
      <p class="reach-problem" role="alert" data-test="account-problem">${problem || nothing}</p>
      <p class="account-told" role="status" data-test="account-told">${told || (loaded || problem ? nothing : t("loading"))}</p>
      ${loaded ? body : nothing}
    </div>
  </div>`;
}

export function accountScreen(): TemplateResult {
  return open === "phones" ? phonesScreen() : numberScreen();
}

function phonesScreen(): TemplateResult {
  return frame(t("phonesTitle"), t("phonesWhy"), phones !== null, html`${(phones ?? []).map(phoneRow)}`);
}

function phoneRow(each: Phone): TemplateResult {
  const wish = (wanted: number) => {
    sure = wanted;
    page.changed();
  };
  return html`<section class="reach-form" data-test=${`phone-${each.id}`} data-here=${each.here}>
    <h3><span translate="no">${each.name}</span> ${each.name ? nothing : t("phoneUnnamed")} ${each.here ? html`<span class="reach-mark calm">${t("phoneHere")}</span>` : nothing}</h3>
    <p class="soft">${t("phoneSince", { time: when(each.since) })}${each.seen_at ? ` · ${t("phoneSeen", { time: when(each.seen_at) })}` : nothing}</p>
    ${
      each.here
        ? nothing
        : sure === each.id
          ? html`<p role="alert">${t("revokeSure")}</p>
              <div class="pair">
                <button type="button" class="button" @click=${() => wish(0)}>${t("back")}</button>
                <button type="button" class="button button-alarm" data-test=${`revoke-yes-${each.id}`} @click=${() => revoke(each)}>${t("revokeYes")}</button>
              </div>`
          : html`<button type="button" class="button" data-test=${`revoke-${each.id}`} aria-label=${`${t("revoke")} ${each.name || t("phoneUnnamed")}`} ?disabled=${busy} @click=${() => wish(each.id)}>${t("revoke")}</button>`
    }
  </section>`;
}

// ── the number ──────────────────────────────────────────────────────────────

function begin(event: Event): void {
  event.preventDefault();
  const phone = field(event, "phone");
  if (!phone) return;
  void attempt(async () => {
    number = await page.ask<Numbered>("/app/number", { phone });
    demo = number.demo_codes ?? {};
  });
}

function confirm(event: Event, which: Which): void {
  event.preventDefault();
  const code = field(event, "code");
  if (!code) return;
  void attempt(async () => {
    number = await page.ask<Numbered>(`/app/number/${which}/confirm`, { code });
    if (!number.change) told = t("numberDone");
  });
}

function again(which: Which, way: "sms" | "voice"): void {
  void attempt(async () => {
    number = await page.ask<Numbered>(`/app/number/${which}/again`, { way });
    demo = { ...demo, ...number.demo_codes };
  });
}

function giveUp(): void {
  void attempt(async () => {
    number = await page.ask<Numbered>("/app/number", undefined, "DELETE");
  });
}

function field(event: Event, name: string): string {
  return ((event.currentTarget as HTMLFormElement).elements.namedItem(name) as HTMLInputElement).value.trim();
}

function numberScreen(): TemplateResult {
  const change = number?.change;
  const body = !change ? beginForm() : change.desk ? html`<p>${t("numberAtDesk")}</p>` : html`${codeForm("old", number?.phone ?? "", change.old)} ${codeForm("new", change.phone, change.new)}`;
  return frame(
    t("numberTitle"),
    t("numberWhy"),
    number !== null,
    html`<p>${t("numberNow", { phone: number?.phone ?? "" })}</p>
      ${body} ${change ? html`<button type="button" class="button" data-test="number-give-up" ?disabled=${busy} @click=${giveUp}>${t("numberGiveUp")}</button>` : nothing}
      <p class="soft">${t("numberLost")}</p>`,
  );
}

function beginForm(): TemplateResult {
  return html`<form class="reach-form" @submit=${begin}>
    <label class="field" for="number">${t("numberNew")}</label>
    <input id="number" name="phone" type="tel" data-test="number-new" autocomplete="tel" placeholder=${t("phoneExample")} maxlength="40" required />
    <button class="button button-main" data-test="number-begin" ?disabled=${busy}>${busy ? t("working") : t("numberSend")}</button>
  </form>`;
}

function codeForm(which: Which, phone: string, right: boolean): TemplateResult {
  if (right) return html`<p data-test=${`number-${which}-right`}>✓ ${t("numberRight", { phone })}</p>`;
  return html`<form class="reach-form" @submit=${(event: Event) => confirm(event, which)}>
    <label class="field" for=${`code-${which}`}>${t(which === "old" ? "numberOld" : "numberFresh", { phone })}</label>
    ${demo[which] ? html`<p class="demo-code">${t("demoCode", { code: "" })}<strong data-test=${`demo-${which}`}>${demo[which]}</strong></p>` : nothing}
    <input id=${`code-${which}`} name="code" data-test=${`code-${which}`} inputmode="numeric" autocomplete="one-time-code" maxlength="10" required />
    <button class="button button-main" data-test=${`confirm-${which}`} ?disabled=${busy}>${busy ? t("working") : t("numberCheck")}</button>
    <div class="pair">
      <button type="button" class="button" data-test=${`text-${which}`} ?disabled=${busy} @click=${() => again(which, "sms")}>${t("textAgain")}</button>
      <button type="button" class="button" data-test=${`call-${which}`} ?disabled=${busy} @click=${() => again(which, "voice")}>${t("callMe")}</button>
    </div>
  </form>`;
}
