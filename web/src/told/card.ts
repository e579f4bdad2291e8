/** "Told 5, seen 3, coming 2", and what became of each message; it grows downwards and moves no button. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { language } from "../i18n.ts";
import "./told.css";
import type { Delivery, Told } from "./types.ts";
import { whyNot } from "./why.ts";
import { t, type Word } from "./words.ts";

const SIGNS: Record<string, string> = { queued: "…", sending: "➤", sent: "✓", delivered: "✓✓", read: "👁︎", answered: "✓✓", failed: "✕", given_up: "✕", cancelled: "–" };
const FEW = 6; // shown before one asks for all

const channel = (name: string): string => t(`by_${name}` as Word);

/** Those who answered first, then those who could not be reached, then the others as they came. */
function rank(each: Delivery): number {
  if (each.answer === "coming" || each.answer === "claimed") return 0;
  if (each.answer || each.words) return 1;
  return { failed: 2, given_up: 2, read: 3, delivered: 4, sent: 5, sending: 6, queued: 7 }[each.state] ?? 8;
}

function line(each: Delivery, time: (iso: string) => string): TemplateResult {
  const state = each.answer ? t(`says_${each.answer}` as Word) : t(`is_${each.state}` as Word);
  const bad = each.state === "failed" || each.state === "given_up";
  const good = each.answer === "coming" || each.answer === "claimed";
  const then = each.then.map(channel).join(language() === "en" ? ", " : "、");
  return html`<li class="told-row" data-test=${`delivery-${each.id}`} data-state=${each.state} data-answer=${each.answer || nothing}>
    <span class=${`told-sign ${bad ? "bad" : good ? "good" : ""}`} aria-hidden="true">${each.answer === "cannot" ? "✕" : SIGNS[each.state]}</span>
    <span class="told-what">
      <span><strong translate="no">${each.who.name}</strong> ${each.who.kind === "person" ? nothing : html`<span class="soft">${t(each.who.kind)}</span>`}
        <span class="soft">${channel(each.channel)}</span>${each.drill ? html` <span class="badge warn">${t("drill")}</span>` : nothing}</span>
      ${each.error
        ? whyNot(each.why, each.error, state)
        : html`<span class=${good ? "told-good" : ""}>${state}${each.answer === "coming" && each.eta ? ` · ${t("eta", { n: each.eta })}` : ""}</span>`}
      ${each.tried > 1 && ["queued", "sending"].includes(each.state) ? html`<span class="soft">${t("tries", { n: each.tried })}</span>` : nothing}
      ${then && ["queued", "sending", "sent", "failed"].includes(each.state) ? html`<span class="soft">${t("then", { channels: then })}</span>` : nothing}
      ${each.words ? html`<span class="told-words" translate="no">${each.words}</span>` : nothing}
    </span>
    <time class="soft digits" datetime=${each.at}>${time(each.at)}</time>
  </li>`;
}

/** The line alone. */
export const toldSum = (told: Told | undefined): string => (told ? t("sum", { told: told.told, seen: told.seen, coming: told.coming }) : "");

export function toldCard(told: Told | undefined, deliveries: Delivery[] | undefined, time: (iso: string) => string): TemplateResult | typeof nothing {
  if (!told || !deliveries) return nothing;
  const sorted = [...deliveries].sort((a, b) => rank(a) - rank(b));
  const rows = (some: Delivery[]) => html`<ul class="told-list">${repeat(some, (each) => each.id, (each) => line(each, time))}</ul>`;
  const waiting = Math.max(0, told.owed - told.told - told.failed);
  return html`<section class="card told" aria-label=${t("title")} data-test="told" data-told=${told.told} data-seen=${told.seen} data-coming=${told.coming}>
    <h3>${t("title")}</h3>
    ${deliveries.length === 0
      ? html`<p class="soft">${t("nobody")}</p>`
      : html`<p class="told-sum" role="status"><strong>${toldSum(told)}</strong>
            ${waiting ? html`<span class="soft"> · ${t("waiting", { n: waiting })}</span>` : nothing}
            ${told.failed ? html`<span class="bad"> · ${t("failed", { n: told.failed })}</span>` : nothing}</p>
          ${rows(sorted.slice(0, FEW))}
          ${sorted.length > FEW ? html`<details><summary data-test="told-all">${t("all", { n: sorted.length })}</summary>${rows(sorted.slice(FEW))}</details>` : nothing}`}
  </section>`;
}
