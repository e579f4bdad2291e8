/** The queue: who has waited longest without anybody stands first. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { age, stopwatch } from "./clock";
import { groups, open, ordered, waits } from "./incidents";
import { icon } from "./icons";
import { who } from "./notify";
import { troubledLine } from "./devices";
import { centerName, desk } from "./state";
import { claim } from "./verbs";
import { mark, stripe } from "../drill/mark";
import { kindName, say, sayOr, stateName } from "./words";
import type { Incident } from "./types";

export interface Badge { name: string; text: string; tone: "alarm" | "warn" | "plain" }

export function badges(incident: Incident): Badge[] {
  const found: Badge[] = [];
  const flags = new Set(incident.flags);
  if (incident.cancel_requested_at) found.push({ name: "cancel", text: say("badge_cancel"), tone: "warn" });
  if (incident.silent || flags.has("silent")) found.push({ name: "silent", text: say("badge_silent"), tone: "alarm" });
  flags.delete("silent");
  flags.delete("drill"); // the word stands before all else
  if (!incident.position) flags.add("no_fix");
  for (const flag of flags) found.push({ name: flag, text: sayOr(`badge_${flag}`, flag), tone: flag === "duress" ? "alarm" : flag === "drill" ? "warn" : "plain" });
  if (incident.presses > 1) found.push({ name: "presses", text: say("badge_presses", { n: incident.presses }), tone: "plain" });
  const further = incident.centers.length - 1; // the owner stands first, then the centers it was escalated to
  if (further > 0) found.push({ name: "escalated", text: say("badge_escalated", { step: further }), tone: "warn" });
  if (incident.center !== desk.center)
    found.push({ name: "from", text: say("badge_from", { center: centerName(incident.center) }), tone: "plain" });
  return found;
}

export function badgeList(incident: Incident, first: unknown = nothing): TemplateResult {
  return html`<span class="badges">
    ${first}
    ${badges(incident).map((each) => html`<span class="badge ${each.tone}" data-test=${`badge-${each.name}`}>${each.text}</span>`)}
  </span>`;
}

export function placeLine(incident: Incident): string {
  if (incident.address) return incident.address;
  if (incident.plus_code) return incident.plus_code;
  if (incident.position) return coordinates(incident.position.lat, incident.position.lon);
  return say("no_place");
}

export function coordinates(lat: number, lon: number): string {
  return `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
}

function row(incident: Incident): TemplateResult {
  const waiting = waits(incident);
  return html`<li class="row ${waiting ? "waiting" : ""} ${stripe(incident)} s-${incident.state}" data-id=${incident.id}>
    <button
      class="row-open"
      data-test=${`row-${incident.id}`}
      data-state=${incident.state}
      aria-current=${desk.selected === incident.id && desk.view === "incident" ? "true" : "false"}
      @click=${() => open(incident.id)}
    >
      <span class="kind-tile">${icon(incident.alarm)}</span>
      <span class="row-text">
        <span class="row-kind">${mark(incident)}${kindName(incident.alarm)} <span class="number">${incident.id}</span></span>
        <span class="row-who">${who(incident)}</span>
        <span class="row-place">${placeLine(incident)}</span>
      </span>
      <span class="row-age" aria-hidden="true">${stopwatch(age(incident.opened_at))}</span>
      ${badgeList(
        incident,
        html`<span class="chip s-${incident.state}">${stateName(incident.state)}</span>
          ${incident.claimed_by ? html`<span class="row-by">${incident.mine ? say("badge_mine") : incident.claimed_by.name}</span>` : nothing}`,
      )}
    </button>
    ${waiting && incident.verbs.includes("claim")
      ? html`<button class="button alarm row-claim" data-test=${`claim-${incident.id}`} aria-disabled=${desk.busy !== null} @click=${() => claim(incident.id)}>
          ${say("claim_row", { n: incident.id })}
        </button>`
      : nothing}
  </li>`;
}

function group(title: string, items: Incident[], name: string): TemplateResult | typeof nothing {
  if (items.length === 0) return nothing;
  return html`<section class="group ${name}" aria-label=${title}>
    <h2>${title} <span class="count">${items.length}</span></h2>
    <ol>${repeat(items, (each) => each.id, row)}</ol>
  </section>`;
}

export function queue(): TemplateResult {
  const { waiting, inHand, closed } = groups();
  const empty = desk.loaded && waiting.length + inHand.length === 0;
  return html`
    ${empty
      ? html`<div class="empty" data-test="queue-empty">
          <span class="empty-icon">${icon("check")}</span>
          <p class="empty-title">${say("queue_empty")}</p>
          <p>${say("queue_empty_why")}</p>
        </div>`
      : nothing}
    ${desk.loaded ? nothing : html`<p class="loading">${say("loading")}</p>`}
    ${group(say("queue_waiting"), waiting, "g-waiting")} ${group(say("queue_in_hand"), inHand, "g-hand")}
    ${group(say("queue_closed"), closed, "g-closed")} ${troubledLine()}
  `;
}

/** The row that has the focus, if one has. */
export function focusedRow(): number | null {
  const found = document.activeElement?.closest<HTMLElement>("li.row");
  return found ? Number(found.dataset["id"]) : null;
}

/** j / k: move the focus from row to row. */
export function move(by: 1 | -1): void {
  const rows = ordered();
  const from = focusedRow() ?? desk.selected;
  const index = rows.findIndex((each) => each.id === from);
  const to = rows[index < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, index + by))];
  if (to) focusRow(to.id);
}

export function focusRow(id: number): void {
  const found = document.querySelector<HTMLElement>(`li.row[data-id="${id}"] .row-open`);
  found?.focus();
  found?.scrollIntoView({ block: "nearest" });
}
