/** "How I am reached" on desk and phone, and "my relatives" on the phone. The page around lends its calls. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import "./reach.css";
import { whyNot } from "../told/why.ts";
import { t, type Word } from "./words.ts";

interface Sending {
  state: string;
  at: string;
  why: string;
  error: string;
}

export interface Contact {
  id: number;
  channel: string;
  address: string;
  label: string;
  own: boolean;
  ready: boolean;
  confirmed_at: string | null;
  dead_at: string | null;
  dead_why: string;
  trial: Sending | null;
}

export interface Contacts {
  items: Contact[];
  channels: { name: string; ready: boolean; example: string; own: string | null }[];
}

export interface Relative {
  id: number;
  name: string;
  phone: string;
  email: string;
  state: "asked" | "agreed" | "declined";
  asked: Sending | null;
}

export interface Page {
  /** A call to this person's own contacts or relatives; with a body it is a POST. */
  ask<T>(path: string, body?: object): Promise<T>;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
}

const LOOK = 4_000; // ms between two looks while a test is on its way

const screen = {
  contacts: null as Contacts | null,
  relatives: null as Relative[] | null,
  channel: "email",
  busy: false,
  problem: "",
};
let page: Page | null = null;
let kind: "contacts" | "relatives" = "contacts";
let timer: ReturnType<typeof setInterval> | undefined;

export function openScreen(by: Page, what: "contacts" | "relatives" = "contacts"): void {
  page = by;
  kind = what;
  screen.problem = "";
  void look();
  clearInterval(timer);
  timer = setInterval(() => {
    const waits = screen.contacts?.items.some((each) => ["queued", "sending", "sent", "delivered"].includes(each.trial?.state ?? "") && Date.now() - Date.parse(each.trial!.at) < 600_000);
    if ((waits || kind === "relatives") && document.visibilityState === "visible" && !screen.busy) void look();
  }, LOOK);
}

export function closeScreen(): void {
  clearInterval(timer);
}

export async function look(): Promise<void> {
  if (!page) return;
  try {
    if (kind === "contacts") screen.contacts = await page.ask<Contacts>("contacts");
    else screen.relatives = (await page.ask<{ items: Relative[] }>("relatives")).items;
  } catch (trouble) {
    if (!screen.contacts && !screen.relatives) screen.problem = page.explain(trouble);
  }
  page.changed();
}

async function attempt(path: string, body: object = {}, done: () => void = () => undefined): Promise<void> {
  if (!page || screen.busy) return;
  Object.assign(screen, { busy: true, problem: "" });
  page.changed();
  try {
    const found = await page.ask<Contacts & { items: Relative[] }>(path, body);
    if (kind === "contacts") screen.contacts = found;
    else screen.relatives = found.items;
    done();
  } catch (trouble) {
    screen.problem = page.explain(trouble);
  } finally {
    screen.busy = false;
    page.changed();
  }
}

function frame(title: string, why: string, body: unknown, loaded: boolean): TemplateResult {
  return html`<div class="reach">
    <header class="reach-head">
      <h2 data-heading tabindex="-1">${title}</h2>
      <button type="button" class="button" data-test="reach-back" @click=${() => page?.leave()}>${t("back")}</button>
    </header>
    <div class="reach-scroll">
      <p class="soft">${why}</p>
      <p class="reach-problem" role="alert" data-test="reach-problem">${screen.problem || nothing}</p>
      ${loaded ? body : screen.problem ? html`<button type="button" class="button" @click=${() => void look()}>${t("retry")}</button>` : html`<p class="soft">${t("loading")}</p>`}
    </div>
  </div>`;
}

// ── contacts ────────────────────────────────────────────────────────────────

function state(each: Contact): TemplateResult {
  if (each.dead_at) return html`<span class="reach-mark bad">✕ ${t("dead")}</span>${each.dead_why ? whyNot("address_dead", each.dead_why) : nothing}`;
  if (!each.ready) return html`<span class="reach-mark warn">⚠ ${t("notReady")}</span>`;
  return each.confirmed_at ? html`<span class="reach-mark calm">✓ ${t("confirmed")}</span>` : html`<span class="reach-mark">○ ${t("unconfirmed")}</span>`;
}

function contact(each: Contact): TemplateResult {
  const channel = t(`ch_${each.channel}` as Word);
  const what = `${channel} ${each.label || each.address}`.trim();
  return html`<li class="reach-row" data-test=${`contact-${each.id}`} data-channel=${each.channel}>
    <div class="reach-what">
      <strong>${channel}</strong>
      <span translate="no">${each.address}</span>
      ${each.own ? html`<span class="soft">${t("own")}</span>` : each.label ? html`<span class="soft" translate="no">${each.label}</span>` : nothing}
      <div>${state(each)}</div>
      ${each.trial ? html`<div class="soft" role="status" data-test=${`trial-${each.id}`}>${each.trial.error ? whyNot(each.trial.why, each.trial.error, t(`trial_${each.trial.state}` as Word)) : t(`trial_${each.trial.state}` as Word)}</div>` : nothing}
    </div>
    <div class="reach-does">
      ${each.ready && !each.dead_at ? html`<button type="button" class="button" data-test=${`test-${each.id}`} aria-label=${t("testOf", { what })} ?disabled=${screen.busy} @click=${() => void attempt(`contacts/${each.id}/test`)}>${t("test")}</button>` : nothing}
      ${each.own ? nothing : html`<button type="button" class="button" data-test=${`remove-${each.id}`} aria-label=${t("removeOf", { what })} ?disabled=${screen.busy} @click=${() => void attempt(`contacts/${each.id}/remove`)}>${t("remove")}</button>`}
    </div>
  </li>`;
}

export function contactsScreen(): TemplateResult {
  const found = screen.contacts;
  return frame(t("contacts"), t("contactsWhy"), found ? html`
    ${found.items.length ? html`<ul class="reach-list">${repeat(found.items, (each) => each.id, contact)}</ul>` : html`<p class="reach-problem">${t("none")}</p>`}
    ${adding(found)}
    <p class="soft">${t("push")}</p>` : nothing, found !== null);
}

function adding(found: Contacts): TemplateResult {
  const chosen = found.channels.find((each) => each.name === screen.channel) ?? found.channels[0]!;
  const send = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    void attempt("contacts", { channel: chosen.name, address: String(data.get("address")), label: String(data.get("label")) }, () => form.reset());
  };
  const phone = chosen.own !== null || ["sms", "voice", "whatsapp"].includes(chosen.name);
  return html`<form class="reach-form" @submit=${send}>
    <h3>${t("add")}</h3>
    <label class="field"><span>${t("channel")}</span>
      <select name="channel" data-test="contact-channel" .value=${live(chosen.name)} @change=${(event: Event) => {
        screen.channel = (event.target as HTMLSelectElement).value;
        page?.changed();
      }}>
        ${found.channels.map((each) => html`<option value=${each.name} ?selected=${each.name === chosen.name}>${t(`ch_${each.name}` as Word)}${each.ready ? "" : ` · ${t("notReady")}`}</option>`)}
      </select></label>
    <label class="field"><span>${t("address")}</span>
      <span class="soft">${chosen.name === "apprise" ? t("appriseWhy") : nothing} ${t("example", { example: "" })}<span translate="no">${chosen.example}</span></span>
      <input name="address" data-test="contact-address" required maxlength="1000" autocomplete="off" autocapitalize="off" spellcheck="false" type=${phone ? "tel" : chosen.name === "email" ? "email" : "text"} /></label>
    <label class="field"><span>${t("label")}</span><input name="label" data-test="contact-label" maxlength="80" autocomplete="off" /></label>
    <button class="button accent button-main" data-test="contact-add" ?disabled=${screen.busy}>${screen.busy ? t("working") : t("addNow")}</button>
  </form>`;
}

// ── relatives ───────────────────────────────────────────────────────────────

function relative(each: Relative): TemplateResult {
  const tone = { asked: "", agreed: "calm", declined: "bad" }[each.state];
  const sign = { asked: "○", agreed: "✓", declined: "✕" }[each.state];
  return html`<li class="reach-row" data-test=${`relative-${each.id}`} data-state=${each.state}>
    <div class="reach-what">
      <strong translate="no">${each.name}</strong>
      <span translate="no">${each.phone || each.email}</span>
      <span><span class=${`reach-mark ${tone}`}>${sign} ${t(`state_${each.state}` as Word)}</span></span>
      ${each.state === "asked" && each.asked?.error ? html`<div role="status">${whyNot(each.asked.why, each.asked.error, t("askFailed"))}</div>` : nothing}
    </div>
    <div class="reach-does">
      ${each.state === "asked" ? html`<button type="button" class="button" data-test=${`ask-${each.id}`} ?disabled=${screen.busy} @click=${() => void attempt(`relatives/${each.id}/ask`)}>${t("askAgain")}</button>` : nothing}
      <button type="button" class="button" data-test=${`relative-remove-${each.id}`} aria-label=${t("removeOf", { what: each.name })} ?disabled=${screen.busy} @click=${() => void attempt(`relatives/${each.id}/remove`)}>${t("remove")}</button>
    </div>
  </li>`;
}

export function relativesScreen(): TemplateResult {
  const found = screen.relatives;
  const send = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    void attempt("relatives", Object.fromEntries(new FormData(form)), () => form.reset());
  };
  return frame(t("relatives"), t("relativesWhy"), found ? html`
    ${found.length ? html`<ul class="reach-list">${repeat(found, (each) => each.id, relative)}</ul>` : html`<p class="soft">${t("relativesNone")}</p>`}
    <form class="reach-form" @submit=${send}>
      <h3>${t("relativeAdd")}</h3>
      <label class="field"><span>${t("relativeName")}</span><input name="name" data-test="relative-name" required maxlength="120" autocomplete="off" /></label>
      <label class="field"><span>${t("relativePhone")}</span><input name="phone" type="tel" data-test="relative-phone" maxlength="30" autocomplete="off" placeholder="+27 82 555 0123" /></label>
      <label class="field"><span>${t("relativeEmail")}</span><input name="email" type="email" data-test="relative-email" maxlength="254" autocomplete="off" /></label>
      <label class="field"><span>${t("relativeLanguage")}</span><select name="language" data-test="relative-language"><option value="zh-hans">${t("chinese")}</option><option value="en">${t("english")}</option></select></label>
      <button class="button accent button-main" data-test="relative-add" ?disabled=${screen.busy}>${screen.busy ? t("working") : t("relativeSend")}</button>
    </form>` : nothing, found !== null);
}
