/** "What I am sent to", for responders: what, where, who; a map; and the answers. It renews itself while it is open. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { clockTime } from "../i18n.ts";
import type { Lent } from "../looks/screen.ts";
import "../reach/reach.css";
import "../looks/looks.css";
import { t } from "./words.ts";

type State = "sent" | "on_the_way" | "on_scene" | "done";

interface Sent {
  id: number;
  incident: number;
  alarm_said: string;
  silent: boolean;
  drill: boolean;
  state: State;
  answer: string;
  over: boolean;
  who: string;
  phone: string | null;
  where: string;
  position: { lat: number; lon: number; at: string | null } | null;
  plus_code: string | null;
  center: string;
  center_phone: string;
  officer: string | null;
}

const ETAS = [5, 10, 20, 30];
const REST = 10_000; // ms between two looks
const screen = { sent: null as Sent[] | null, busy: false, problem: "" };
let lent: Lent | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

export function openScreen(by: Lent): void {
  lent = by;
  screen.problem = "";
  clearInterval(timer);
  timer = setInterval(() => document.visibilityState === "visible" && !screen.busy && void look(), REST);
  void look();
  setTimeout(() => document.querySelector<HTMLElement>("[data-heading]")?.focus());
}

export function closeScreen(): void {
  clearInterval(timer);
  screen.sent = null;
}

export async function look(): Promise<void> {
  try {
    screen.sent = (await lent!.ask<{ items: Sent[] }>("/app/sent")).items;
  } catch (trouble) {
    if (!screen.sent) screen.problem = lent!.explain(trouble);
  }
  lent?.changed();
}

async function say(each: Sent, verb: string, body: object = {}): Promise<void> {
  if (screen.busy) return;
  Object.assign(screen, { busy: true, problem: "" });
  lent?.changed();
  try {
    screen.sent = (await lent!.ask<{ items: Sent[] }>(`/app/sent/${each.id}/${verb}`, body)).items;
  } catch (trouble) {
    screen.problem = lent!.explain(trouble);
    void look();
  }
  screen.busy = false;
  lent?.changed();
}

function button(each: Sent, verb: string, word: string, tone = "", body: object = {}, test = verb): TemplateResult {
  return html`<button type="button" class=${`button ${tone}`} data-test=${`${test}-${each.id}`} ?disabled=${screen.busy} @click=${() => void say(each, verb, body)}>${word}</button>`;
}

function answers(each: Sent): TemplateResult | typeof nothing {
  if (each.over) return html`<p><strong>${t("over")}</strong></p>`;
  if (each.state === "done") return nothing;
  return html`
    ${each.state === "sent"
      ? html`<p>${t("can")}</p>
          <div class="sent-etas">${ETAS.map((n) => button(each, "coming", t("minutes", { n }), "", { eta: n }, `coming-${n}`))}</div>
          <div class="sent-does">${button(each, "coming", t("coming"), "button-main accent")} ${button(each, "cannot", t("cannot"))}</div>`
      : nothing}
    <div class="sent-does">
      ${each.state === "on_scene" ? nothing : button(each, "on_scene", t("onScene"))} ${each.state === "sent" ? nothing : button(each, "done", t("done"))}
    </div>`;
}

function card(each: Sent): TemplateResult {
  const point = each.position && `${each.position.lat.toFixed(5)},${each.position.lon.toFixed(5)}`;
  const apple = /iPhone|iPad|Macintosh/.test(navigator.userAgent); // which do not know geo:
  return html`<li class=${`sent-card ${each.over ? "over" : ""}`} data-test=${`sent-${each.id}`} data-state=${each.state}>
    ${each.drill ? html`<p class="sent-drill">${t("drill")}</p>` : nothing}
    <h3>${each.alarm_said} <span class="soft">#${each.incident}</span></h3>
    ${each.silent ? html`<p class="sent-hush" role="alert">${t("hush")}</p>` : nothing}
    <p role="status"><strong>${t(`state_${each.state}`)}</strong>${each.answer === "coming" || each.answer === "cannot" ? html` · ${t(`said_${each.answer}`)}` : nothing}</p>
    <dl class="sent-facts">
      <div><dt>${t("who")}</dt><dd translate="no">${each.who || t("unknown")}</dd></div>
      <div><dt>${t("where")}</dt><dd translate="no">${each.where || t("nowhere")}${each.plus_code && each.plus_code !== each.where ? html`<br />${each.plus_code}` : nothing}${each.position?.at ? html`<br /><span class="soft">${t("fixed", { time: clockTime(each.position.at) })}</span>` : nothing}</dd></div>
      <div><dt>${t("center")}</dt><dd>${each.center}${each.center_phone ? html`<br /><a href=${`tel:${each.center_phone}`} translate="no">${each.center_phone}</a>` : nothing}</dd></div>
      ${each.officer ? html`<div><dt>${t("officer")}</dt><dd translate="no">${each.officer}</dd></div>` : nothing}
    </dl>
    ${point ? html`<a class="button" data-test=${`map-${each.id}`} href=${apple ? `maps://?q=${point}&ll=${point}` : `geo:${point}?q=${point}`}>${t("map")}</a>` : nothing}
    ${each.phone && !each.over ? html`<a class="button" href=${`tel:${each.phone}`}>${t("call")}</a>` : nothing}
    ${answers(each)}
  </li>`;
}

export function content(): TemplateResult {
  const found = screen.sent;
  return html`<div class="reach" data-test="sent">
    <header class="reach-head">
      <h2 data-heading tabindex="-1">${t("title")}</h2>
      <button type="button" class="button" data-test="sent-back" @click=${() => lent?.leave()}>${t("back")}</button>
    </header>
    <div class="reach-scroll seen">
    <p class="reach-problem" role="alert">${screen.problem || nothing}</p>
    ${found === null
      ? screen.problem
        ? html`<button type="button" class="button" @click=${() => void look()}>${t("retry")}</button>`
        : html`<p role="status">${t("loading")}</p>`
      : found.length
        ? html`<ul>${repeat(found, (each) => each.id, card)}</ul>`
        : html`<p data-test="sent-none">${t("none")}</p>`}
    <p class="soft">${t("kept")}</p>
    </div>
  </div>`;
}
