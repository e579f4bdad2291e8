/** "Who looked at me": who, in which role and center, when, what and why. The page around lends its calls. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { language } from "../i18n.ts";
import "../reach/reach.css";
import "./looks.css";
import { t } from "./words.ts";

interface Look {
  at: string;
  who: string;
  role: string;
  center: string;
  kind: string;
  said: string;
  why: string;
  reason: string;
  glass: boolean;
  incident: number | null;
}

/** What the app lends. */
export interface Lent {
  ask<T>(path: string, body?: unknown): Promise<T>;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
}

const screen = { looks: null as Look[] | null, problem: "" };
let lent: Lent | null = null;

export function openScreen(by: Lent): void {
  lent = by;
  screen.problem = "";
  void look();
  setTimeout(() => document.querySelector<HTMLElement>("[data-heading]")?.focus());
}

export function closeScreen(): void {
  screen.looks = null;
}

export async function look(): Promise<void> {
  try {
    screen.looks = (await lent!.ask<{ items: Look[] }>("/app/looks")).items;
    screen.problem = "";
  } catch (trouble) {
    screen.problem = lent!.explain(trouble);
  }
  lent?.changed();
}

function moment(iso: string): string {
  return new Date(iso).toLocaleString(language() === "en" ? "en-ZA" : "zh-CN", { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}

function row(each: Look): TemplateResult {
  const role = [each.role, each.center].filter(Boolean).join(language() === "en" ? ", " : "，");
  return html`<li class=${`seen-row ${each.glass ? "glass" : ""}`} data-test="look" data-kind=${each.kind}>
    ${each.glass ? html`<span class="seen-mark">${t("glass")}</span>` : nothing}
    <p><strong translate="no">${each.who}</strong>${role ? html` <span class="soft">${role}</span>` : nothing}</p>
    <p>${each.said}${each.incident ? html` <span class="soft">${t("alarm", { n: each.incident })}</span>` : nothing}</p>
    <p class="soft">${each.reason ? html`<span translate="no">${t("reason", { reason: each.reason })}</span>` : t("because", { why: each.why })}</p>
    ${each.kind === "glass" ? html`<p class="soft">${t("glassWhy")}</p>` : nothing}
    <time class="soft" datetime=${each.at}>${moment(each.at)}</time>
  </li>`;
}

export function content(): TemplateResult {
  const found = screen.looks;
  return html`<div class="reach" data-test="looks">
    <header class="reach-head">
      <h2 data-heading tabindex="-1">${t("title")}</h2>
      <button type="button" class="button" data-test="looks-back" @click=${() => lent?.leave()}>${t("back")}</button>
    </header>
    <div class="reach-scroll seen">
    <p class="soft">${t("why")}</p>
    <p class="reach-problem" role="alert">${screen.problem || nothing}</p>
    ${found === null
      ? screen.problem
        ? html`<button type="button" class="button" @click=${() => void look()}>${t("retry")}</button>`
        : html`<p role="status">${t("loading")}</p>`
      : found.length
        ? html`<ul>${repeat(found, (each, index) => `${each.at} ${index}`, row)}</ul>`
        : html`<p data-test="looks-none">${t("none")}</p>`}
    <p class="soft">${t("wrong")} ${t("silent")}</p>
    </div>
  </div>`;
}
