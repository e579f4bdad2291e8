/** "My data" on the phone: what is kept, consents, a copy of it all, erasure. The page around lends its calls. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { language } from "../i18n.ts";
import "../reach/reach.css";
import "./privacy.css";
import { t } from "./words.ts";

interface Said {
  given: boolean;
  version: number;
  at: string;
}

interface Consent {
  purpose: string;
  title: string;
  text: string;
  version: number;
  given: boolean;
  history: Said[];
}

interface Kept {
  name: string;
  days: number;
  what: string;
  since: string;
  why: string;
}

interface Mine {
  notice: { version: number; text: string };
  kept: Kept[];
  consents: Consent[];
  copy: { state: "asked" | "making" | "ready" | "fetched" | "gone"; done: number; of: number; until: string | null; fetched_at: string | null } | null;
  erasure: { asked_at: string; due: string; own: boolean } | null;
  hours: number;
  hindrance: string | null;
  phone: string | null;
}

export interface Page {
  /** A call to this person's own data; with a body it is a POST. */
  ask<T>(path: string, body?: object): Promise<T>;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
}

type Purpose = "erase" | "export";

const LOOK = 1_500; // ms between two looks while a copy is being made

const screen = {
  mine: null as Mine | null,
  busy: false,
  problem: "",
  proving: null as { purpose: Purpose; phone: string; demo: string } | null,
  sure: false, // erasure was tapped once
  url: "",
};
let page: Page | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

export function openScreen(by: Page): void {
  page = by;
  Object.assign(screen, { problem: "", proving: null, sure: false, url: "" });
  void look();
  clearInterval(timer);
  timer = setInterval(() => {
    if (making() && document.visibilityState === "visible" && !screen.busy) void look();
  }, LOOK);
}

export function closeScreen(): void {
  clearInterval(timer);
  Object.assign(screen, { mine: null, proving: null, url: "" });
}

function making(): boolean {
  return screen.mine?.copy?.state === "asked" || screen.mine?.copy?.state === "making";
}

export async function look(): Promise<void> {
  if (!page) return;
  try {
    screen.mine = await page.ask<Mine>("privacy");
  } catch (trouble) {
    if (!screen.mine) screen.problem = page.explain(trouble);
  }
  page.changed();
}

async function attempt(work: (page: Page) => Promise<void>): Promise<void> {
  if (!page || screen.busy) return;
  Object.assign(screen, { busy: true, problem: "" });
  page.changed();
  try {
    await work(page);
  } catch (trouble) {
    screen.problem = page.explain(trouble);
  } finally {
    screen.busy = false;
    page.changed();
  }
}

function post(path: string, body: object = {}): Promise<void> {
  return attempt(async (by) => {
    screen.mine = await by.ask<Mine>(path, body);
    Object.assign(screen, { proving: null, sure: false });
  });
}

function prove(purpose: Purpose): Promise<void> {
  return attempt(async (by) => {
    const sent = await by.ask<{ phone: string; demo_code?: string }>("privacy/code", { purpose });
    screen.proving = { purpose, phone: sent.phone, demo: sent.demo_code ?? "" };
  });
}

function fetchLink(code: string): Promise<void> {
  return attempt(async (by) => {
    screen.url = (await by.ask<{ url: string }>("privacy/copy/link", { code })).url;
    screen.proving = null;
  });
}

function time(iso: string | null): string {
  return iso ? new Date(iso).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" }) : "";
}

/** Paragraphs and lists, as the texts of consents have them; nothing else of Markdown. */
function text(markdown: string): TemplateResult {
  const blocks = markdown.split(/\n\s*\n/);
  return html`<div class="text">${blocks.map((block) => {
    const lines = block.split("\n");
    return lines.every((line) => line.startsWith("- ")) ? html`<ul>${lines.map((line) => html`<li>${line.slice(2)}</li>`)}</ul>` : html`<p>${block}</p>`;
  })}</div>`;
}

export function privacyScreen(): TemplateResult {
  const { mine } = screen;
  return html`<div class="reach mydata">
    <header class="reach-head">
      <h2 data-heading tabindex="-1">${t("title")}</h2>
      <button type="button" class="button" data-test="mydata-back" @click=${() => page?.leave()}>${t("back")}</button>
    </header>
    <div class="reach-scroll">
      <p class="soft">${t("why")}</p>
      <p class="reach-problem" role="alert" data-test="mydata-problem">${screen.problem || nothing}</p>
      ${mine ? html`${kept(mine)} ${consents(mine)} ${copy(mine)} ${erasure(mine)}` : screen.problem ? html`<button type="button" class="button" @click=${() => void look()}>${t("retry")}</button>` : html`<p class="soft">${t("loading")}</p>`}
    </div>
  </div>`;
}

function kept(mine: Mine): TemplateResult {
  return html`<section>
    <h3>${t("kept")}</h3>
    <details data-test="kept">
      <summary>${t("kept")}</summary>
      <dl>${mine.kept.map((each) => html`<div data-test=${`kept-${each.name}`}><dt>${each.what}</dt><dd>${t("keptDays", { days: String(each.days), since: each.since })}</dd><dd class="soft">${each.why}</dd></div>`)}</dl>
    </details>
    <details data-test="notice"><summary>${t("notice")}</summary>${text(mine.notice.text)}</details>
  </section>`;
}

// ── consents ────────────────────────────────────────────────────────────────

function consents(mine: Mine): TemplateResult {
  return html`<section>
    <h3>${t("consents")}</h3>
    <p class="soft">${t("consentsWhy")}</p>
    <ul class="reach-list">${repeat(mine.consents, (each) => each.purpose, consent)}</ul>
  </section>`;
}

function consent(each: Consent): TemplateResult {
  const say = (given: boolean): void => void post(`privacy/consents/${each.purpose}`, { given, version: each.version });
  return html`<li class="reach-row" data-test=${`consent-${each.purpose}`} data-given=${each.given ? "yes" : "no"}>
    <div class="reach-what">
      <strong>${each.title}</strong>
      <div>${each.given ? html`<span class="reach-mark calm">✓ ${t("given")}</span>` : html`<span class="reach-mark">○ ${t("notGiven")}</span>`}</div>
      <details><summary>${t("read")}</summary>${text(each.text)}</details>
      ${each.history.length ? html`<details><summary>${t("history")}</summary><ul>${each.history.map((said) => html`<li class="soft">${t(said.given ? "saidYes" : "saidNo", { time: time(said.at), version: String(said.version) })}</li>`)}</ul></details>` : nothing}
    </div>
    <div class="reach-does">
      ${
        each.given
          ? html`<button type="button" class="button" data-test=${`withdraw-${each.purpose}`} aria-label=${t("withdrawOf", { what: each.title })} ?disabled=${screen.busy} @click=${() => say(false)}>${t("withdraw")}</button>`
          : html`<button type="button" class="button" data-test=${`agree-${each.purpose}`} aria-label=${t("agreeTo", { what: each.title })} ?disabled=${screen.busy} @click=${() => say(true)}>${t("agree")}</button>`
      }
    </div>
  </li>`;
}

// ── a copy, and erasure: each confirmed by a fresh code ─────────────────────

function proof(purpose: Purpose, doing: string, tone: string, done: (code: string) => void): TemplateResult {
  const { proving } = screen;
  if (proving?.purpose !== purpose) return html`<button type="button" class="button" data-test=${`code-${purpose}`} ?disabled=${screen.busy} @click=${() => void prove(purpose)}>${t("copyCode")}</button>`;
  const send = (event: Event): void => {
    event.preventDefault();
    done(String(new FormData(event.target as HTMLFormElement).get("code")));
  };
  return html`<form class="reach-form" @submit=${send}>
    <p role="status">${t("codeSent", { phone: proving.phone })}</p>
    ${proving.demo ? html`<p class="soft" data-test="demo-code" data-code=${proving.demo}>${t("demoCode", { code: proving.demo })}</p>` : nothing}
    <label class="field"><span>${t("code")}</span><input name="code" data-test="proof" required inputmode="numeric" autocomplete="one-time-code" maxlength="12" /></label>
    <button class=${`button button-main ${tone}`} data-test=${`prove-${purpose}`} ?disabled=${screen.busy}>${screen.busy ? t("working") : doing}</button>
  </form>`;
}

function copy(mine: Mine): TemplateResult {
  const { copy: made } = mine;
  const again = !made || made.state === "fetched" || made.state === "gone";
  return html`<section data-test="copy" data-state=${made?.state ?? "none"}>
    <h3>${t("copy")}</h3>
    <p class="soft">${t("copyWhy")}</p>
    ${made?.state === "asked" ? html`<p role="status">${t("copyWaits")}</p>` : nothing}
    ${made?.state === "making" ? html`<label role="status">${t("copyMaking", { done: String(made.done), of: String(made.of) })}<progress max=${made.of || 1} .value=${made.done}></progress></label>` : nothing}
    ${
      made?.state === "ready"
        ? html`<p role="status">${t("copyReady", { time: time(made.until) })}</p>
          ${
            screen.url
              ? html`<p class="soft">${t("copyThief")}</p><a class="button accent button-main" data-test="download" href=${screen.url} download @click=${() => setTimeout(() => void look().then(() => (screen.url = "")), 3_000)}>${t("copyHere")}</a>`
              : proof("export", t("copyLink"), "accent", (code) => void fetchLink(code))
          }`
        : nothing
    }
    ${made?.state === "fetched" ? html`<p class="soft" role="status">${t("copyFetched", { time: time(made.fetched_at) })}</p>` : nothing}
    ${made?.state === "gone" ? html`<p class="soft">${t("copyGone")}</p>` : nothing}
    ${again ? html`<button type="button" class="button" data-test="copy-ask" ?disabled=${screen.busy} @click=${() => void post("privacy/copy")}>${t("copyAsk")}</button>` : nothing}
  </section>`;
}

function erasure(mine: Mine): TemplateResult {
  const waits = mine.erasure;
  if (waits) {
    return html`<section data-test="erasure" data-state="waits">
      <h3>${t("erasure")}</h3>
      <p role="status">${t("erasureDue", { time: time(waits.due) })} ${waits.own ? nothing : t("erasureByCenter")}</p>
      <button type="button" class="button accent button-main" data-test="keep-me" ?disabled=${screen.busy} @click=${() => void post("privacy/erasure/take-back")}>${t("keep")}</button>
    </section>`;
  }
  return html`<section data-test="erasure" data-state="none">
    <h3>${t("erasure")}</h3>
    <p class="soft">${t("erasureWhy")} ${t("erasureWait", { hours: String(mine.hours) })}</p>
    ${
      mine.hindrance
        ? html`<p class="warn" data-test="hindrance">${mine.hindrance}</p>`
        : screen.sure
          ? html`<p>${t("erasureSure", { phone: mine.phone ?? "" })}</p>
            ${proof("erase", t("erasureDo"), "button-alarm", (code) => void post("privacy/erasure", { code }))}
            <button type="button" class="button" data-test="erase-not" @click=${() => sure(false)}>${t("cancel")}</button>`
          : html`<button type="button" class="button" data-test="erase-me" @click=${() => sure(true)}>${t("erasureAsk")}</button>`
    }
  </section>`;
}

function sure(wanted: boolean): void {
  screen.sure = wanted;
  screen.proving = null;
  page?.changed();
}
