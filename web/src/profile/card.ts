/** The member's details at an incident, on desk and phone: fetched when somebody asks for them, and gone when they look elsewhere. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Details, Place } from "./types.ts";
import { languageName, t, type Word } from "./words.ts";

export interface Asks {
  /** GET of one incident's details; null: they are not to be seen. */
  details(incident: number): Promise<Details | null>;
  changed(): void;
}

const shown = { incident: 0, claimer: 0, details: undefined as Details | null | undefined, busy: false, failed: false };

async function show(incident: number, claimer: number, by: Asks): Promise<void> {
  if (shown.busy) return;
  Object.assign(shown, { incident, claimer, ...(shown.incident !== incident && { details: undefined }), busy: true, failed: false });
  by.changed();
  try {
    const found = await by.details(incident);
    if (shown.incident === incident) shown.details = found;
  } catch {
    shown.failed = true;
  }
  shown.busy = false;
  by.changed();
}

function hide(by: Asks): void {
  Object.assign(shown, { incident: 0, details: undefined, failed: false });
  by.changed();
}

/** `phone` draws a number: the desk hides those of a silent alarm. Another `claimer` may see more or less: what is shown is asked for anew. */
export function detailsCard(incident: number, claimer: number, by: Asks, phone: (number: string) => unknown): TemplateResult {
  const here = shown.incident === incident;
  if (here && shown.details !== undefined && shown.claimer !== claimer && !shown.busy) queueMicrotask(() => void show(incident, claimer, by));
  return html`<section class="card" aria-label=${t("details")} data-test="details">
    <h3>${t("details")}</h3>
    ${here && shown.details !== undefined
      ? html`${shown.details ? body(shown.details, phone) : html`<p class="soft">${t("notYours")}</p>`}
          <button type="button" class="button" data-test="hide-details" @click=${() => hide(by)}>${t("hide")}</button>`
      : html`<p class="soft">${t("detailsWhy")}</p>
          ${here && shown.failed ? html`<p role="alert">${t("retry")}</p>` : nothing}
          <button type="button" class="button" data-test="show-details" aria-disabled=${here && shown.busy} @click=${() => void show(incident, claimer, by)}>${here && shown.busy ? t("loading") : t("show")}</button>`}
  </section>`;
}

function body(d: Details, phone: (number: string) => unknown): TemplateResult {
  const empty = !d.places.length && !d.vehicles.length && !d.family.length && !d.languages.length && !d.wishes && !d.medical && !d.contacts?.length;
  return html`${d.unopened ? html`<p role="alert">${t("unopened")}</p>` : nothing}
    ${empty && !d.unopened ? html`<p class="soft" data-test="details-none">${t("nothing")}</p>` : nothing}
    <dl>
      ${d.medical ? fact("medical", html`<span class="lines" translate="no" data-test="medical">${d.medical}</span>`) : nothing}
      ${d.vehicles.map((each) => fact("vehicles", html`<strong class="digits" translate="no" data-test="plate">${each.plate}</strong> <span translate="no">${each.what}</span>`))}
      ${d.places.map((each) => fact(each.kind ?? "home", place(each)))}
      ${d.family.map((each) => fact("family", html`<span translate="no">${[each.name, each.who].filter(Boolean).join(" · ")}</span> ${each.phone ? phone(each.phone) : nothing}`))}
      ${d.contacts?.map((each) => fact("contacts", html`<span translate="no">${each.name} ${each.email}</span> ${each.phone ? phone(each.phone) : nothing}`)) ?? nothing}
      ${d.languages.length ? fact("languages", d.languages.map(languageName).join(" · ")) : nothing}
      ${d.wishes ? fact("wishes", html`<span class="lines" translate="no">${d.wishes}</span>`) : nothing}
    </dl>
    ${d.parts.includes("medical") ? nothing : html`<p class="soft">${t("claimFirst")}</p>`}`;
}

function place(each: Place): TemplateResult {
  return html`<span translate="no">${each.address}</span>${each.way_in ? html`<br /><span class="soft" translate="no">${each.way_in}</span>` : nothing}`;
}

function fact(name: Word, value: unknown): TemplateResult {
  return html`<div class="fact"><dt>${t(name)}</dt><dd>${value}</dd></div>`;
}
