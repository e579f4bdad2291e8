/** The panel of one incident: who, where, what is odd about it, who was sent, and what was written. */
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { age, now, stopwatch, wall } from "./clock";
import { language } from "../i18n";
import { act, open, waits } from "./incidents";
import { icon } from "./icons";
import { showOnMap } from "./map";
import { who } from "./notify";
import { filesCard } from "../files/card";
import { coordinates } from "./queue";
import { centerName, changed, desk, known, zone } from "./state";
import { timeline } from "./timeline";
import { toast } from "./toast";
import { detailsCard } from "../profile/card";
import { toldCard, toldSum } from "../told/card";
import { begin, verbs } from "./verbs";
import { mark, marked, stripe } from "../drill/mark";
import { kindName, say, sayOr, stateName } from "./words";
import { ask, Problem } from "./api";
import type { Details } from "../profile/types";
import type { Dispatch, DispatchState, Incident, Position } from "./types";

function fact(name: string, value: unknown, test = ""): TemplateResult {
  return html`<div class="fact"><dt>${name}</dt><dd data-test=${test || nothing}>${value}</dd></div>`;
}

function isSilent(incident: Incident): boolean {
  return incident.silent || incident.flags.includes("silent");
}

function banners(incident: Incident): TemplateResult {
  const silent = isSilent(incident);
  const flags = incident.flags.filter((flag) => flag !== "silent" && flag !== "duress");
  if (!incident.position && !incident.withheld && !flags.includes("no_fix")) flags.push("no_fix");
  return html`
    ${incident.merged_into !== null
      ? html`<div class="banner plain"><button class="button" @click=${() => open(incident.merged_into)}>${say("merged_into", { n: incident.merged_into })}</button></div>`
      : nothing}
    ${incident.flags.includes("duress")
      ? html`<div class="banner alarm" data-test="banner-duress">${icon("hush")}<p><strong>${say("badge_duress")} · ${say("flag_duress")}</strong></p></div>`
      : silent
      ? html`<div class="banner alarm" data-test="banner-silent">${icon("hush")}<p><strong>${say("flag_silent")}</strong></p></div>`
      : nothing}
    ${incident.cancel_requested_at && incident.state !== "closed"
      ? html`<div class="banner warn" data-test="banner-cancel">
          ${icon("phone")}
          <p><strong>${say("cancel_title", { time: wall(incident.cancel_requested_at, zone()).time })}</strong><br />${say(silent ? "cancel_silent_why" : "cancel_why")}</p>
        </div>`
      : nothing}
    ${flags.length > 0
      ? html`<div class="banner plain">
          ${icon("other")}
          <ul>
            ${flags.map((flag) => html`<li data-test=${`flag-${flag}`}><strong>${sayOr(`badge_${flag}`, flag)}</strong> · ${sayOr(`flag_${flag}`, "")}</li>`)}
          </ul>
        </div>`
      : nothing}
  `;
}

function phoneLink(incident: Incident, phone: string): TemplateResult {
  if (isSilent(incident) && desk.numberShown !== incident.id) {
    return html`<button
      class="button wide"
      data-test="show-number"
      @click=${() => {
        desk.numberShown = incident.id;
        changed();
      }}
    >
      ${icon("hush")} ${say("show_number")}
    </button>`;
  }
  return html`<a class="button wide phone" data-test="phone" href=${`tel:${phone.replace(/[^+\d*#]/g, "")}`}>${icon("phone")} <span class="digits">${phone}</span></a>`;
}

function spoken(codes: string[]): string {
  const names = new Intl.DisplayNames([language()], { type: "language", fallback: "code" });
  return codes
    .map((code) => {
      try {
        return names.of(code) ?? code;
      } catch {
        return code;
      }
    })
    .join(language() === "en" ? ", " : "、");
}

function person(incident: Incident): TemplateResult {
  const phone = incident.person?.phone || incident.phone || phoneIn(incident.caller);
  return html`<section class="card" aria-label=${say("who")}>
    <h3>${say("who")}</h3>
    <p class="person-name" data-test="who">${who(incident)}</p>
    ${phone ? phoneLink(incident, phone) : html`<p class="soft" data-test=${incident.withheld ? "withheld" : nothing}>${say(incident.withheld ? "withheld" : "no_phone")}</p>`}
    <dl>
      ${incident.person && incident.caller ? fact(say("caller"), incident.caller) : nothing}
      ${incident.person?.languages?.length ? fact(say("speaks"), spoken(incident.person.languages)) : nothing}
      ${incident.device ? fact(say("device"), device(incident.device)) : nothing}
      ${incident.battery === null || incident.battery === undefined ? nothing : fact(say("battery"), battery(incident.battery))}
      ${fact(say("received"), moment(incident.opened_at))}
      ${incident.pressed_at && Date.parse(incident.pressed_at) - Date.parse(incident.opened_at) > 10_000 ? fact(say("last_signal"), moment(incident.pressed_at)) : nothing}
      ${incident.claimed_by ? fact(say("claimed_by"), html`${incident.claimed_by.name}${incident.mine ? ` (${say("you")})` : ""}`, "claimed-by") : nothing}
    </dl>
  </section>`;
}

/** The site of a panel: what was triggered, the way in, who has keys. The numbers of a silent alarm are not shown at once. */
function site(incident: Incident): TemplateResult | typeof nothing {
  const found = incident.site;
  if (!found?.keyholders) return nothing;
  const hit = (found.zones ?? []).filter((each) => each.hit);
  return html`<section class="card" aria-label=${say("site")} data-test="site">
    <h3>${say("site")}</h3>
    <p class="person-name">${found.name}</p>
    <dl>
      ${hit.length ? fact(say("zones_hit"), html`${hit.map((each) => html`<strong class="bad">${each.number} ${each.name}</strong> `)}`, "zones") : nothing}
      ${found.note ? fact(say("way_in"), found.note) : nothing}
      ${found.keyholders.map((each) => fact(say("keyholder"), html`${each.name} ${phoneLink(incident, each.phone)}`))}
    </dl>
  </section>`;
}

/** What the member told for this moment. Whoever looks is recorded, so it is fetched only when somebody asks. */
function details(incident: Incident): TemplateResult | typeof nothing {
  if (!incident.person || incident.state === "closed" || incident.merged_into !== null) return nothing;
  return detailsCard(incident.id, incident.claimed_by?.id ?? 0, { details: memberDetails, changed }, (number) => phoneLink(incident, number));
}

async function memberDetails(pk: number): Promise<Details | null> {
  try {
    return await ask<Details>("GET", `incidents/${pk}/details`);
  } catch (trouble) {
    if (trouble instanceof Problem && trouble.status === 404) return null;
    throw trouble;
  }
}

function device(each: NonNullable<Incident["device"]>): string {
  return each.name || (each.protocol === "app" ? say("device_app") : `${each.protocol} ${each.identifier}`);
}

function phoneIn(caller: string | null): string | null {
  return caller?.match(/\+?\d[\d ()-]{6,}\d/)?.[0] ?? null;
}

function battery(share: number): TemplateResult {
  const percent = Math.round(share * 100);
  return html`<span class=${percent <= 15 ? "bad" : ""}>${percent <= 15 ? say("battery_low", { n: percent }) : `${percent}%`}</span>`;
}

function moment(iso: string): TemplateResult {
  const at = wall(iso, zone());
  const today = wall(now(), zone()).date === at.date;
  return html`<time datetime=${iso}>${today ? "" : `${at.date} `}${at.time} <span class="soft">${at.offset}</span></time>`;
}

export function accuracy(position: Position): string {
  const metres = position.accuracy;
  if (metres === null || metres === undefined) return say("accuracy_unknown");
  return metres >= 1000 ? say("kilometres", { n: (metres / 1000).toFixed(1) }) : say("metres", { n: Math.round(metres) });
}

const POINTS = { en: ["N", "NE", "E", "SE", "S", "SW", "W", "NW"], zh: ["北", "东北", "东", "东南", "南", "西南", "西", "西北"] };

function heading(course: number | null | undefined): string {
  if (course === null || course === undefined) return "—";
  return POINTS[language() === "en" ? "en" : "zh"][Math.round((((course % 360) + 360) % 360) / 45) % 8] ?? "";
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${say("copied")} ${text}`);
  } catch {
    toast(say("copy_failed"), "warn");
  }
}

function place(incident: Incident): TemplateResult {
  const position = incident.position;
  const trail = incident.trail ?? [];
  const first = trail[0];
  return html`<section class="card" aria-label=${say("where")}>
    <h3>${say("where")}</h3>
    ${incident.address ? html`<p class="address" data-test="address">${incident.address}</p>` : nothing}
    ${position
      ? html`<p class="coords-line">
            <span class="digits" data-test="coords">${coordinates(position.lat, position.lon)}</span>
          </p>
          <div class="place-does">
            <button class="button" data-test="copy" @click=${() => void copy(coordinates(position.lat, position.lon))}>${icon("copy")} ${say("copy")}</button>
            <a class="button" data-test="navigate" href=${`geo:${position.lat},${position.lon}?q=${position.lat},${position.lon}`}>${icon("route")} ${say("navigate")}</a>
            <button class="button" data-test="show-on-map" @click=${() => showOnMap(incident.id)}>${icon("pin")} ${say("show_on_map")}</button>
          </div>
          <dl>
            ${incident.plus_code ? fact(say("plus_code"), html`<span class="digits">${incident.plus_code}</span>`, "plus-code") : nothing}
            ${fact(say("accuracy"), accuracy(position), "accuracy")}
            ${position.at
              ? fact(say("fix_age"), html`<span class=${age(position.at) > 600 ? "bad" : ""}>${say("ago", { time: stopwatch(age(position.at)) })}</span>`, "fix-age")
              : nothing}
            ${position.speed !== null && position.speed !== undefined && position.speed > 0.5
              ? fact(say("speed"), say("kmh", { n: Math.round(position.speed * 3.6), course: heading(position.course) }))
              : nothing}
            ${trail.length > 1 && first ? fact(say("trail"), say("trail_points", { n: trail.length, time: wall(first[2], zone()).time }), "trail") : nothing}
          </dl>`
      : html`<p class="soft" data-test="coords">${incident.withheld ? say("withheld") : `${say("no_position")}. ${say("no_position_why")}`}</p>
          ${incident.plus_code ? html`<dl>${fact(say("plus_code"), incident.plus_code, "plus-code")}</dl>` : nothing}`}
  </section>`;
}

const NEXT: Record<DispatchState, DispatchState[]> = {
  sent: ["on_the_way", "on_scene"],
  on_the_way: ["on_scene", "done"],
  on_scene: ["done"],
  done: [],
};

function sent(incident: Incident, each: Dispatch): TemplateResult {
  const can = incident.verbs.includes("mark");
  return html`<li class="sent d-${each.state}" data-test=${`dispatch-${each.id}`}>
    <span class="sent-who"><strong>${each.who}</strong> <span class="soft">${sayOr(`to_${each.kind}`, each.kind)} · ${wall(each.at, zone()).time}</span></span>
    <span class="chip d-${each.state}">${sayOr(`dispatch_${each.state}`, each.state)}</span>
    ${can && (NEXT[each.state]?.length ?? 0) > 0
      ? html`<span class="sent-does">
          ${NEXT[each.state].map((state) => {
            const word = say(`dispatch_${state}` as const);
            return html`<button
              class="button"
              data-test=${`mark-${each.id}-${state}`}
              aria-label=${say("mark_as", { who: each.who, state: word })}
              aria-disabled=${desk.busy !== null}
              @click=${() => void act(incident.id, "mark", { dispatch: each.id, state })}
            >
              ${word}
            </button>`;
          })}
        </span>`
      : nothing}
  </li>`;
}

function due(incident: Incident): TemplateResult | typeof nothing {
  if (!waits(incident) || !incident.escalation?.due) return nothing;
  const left = Math.ceil((Date.parse(incident.escalation.due) - now()) / 1000);
  return html`<p class="due">${left > 0 ? say("escalation_due", { time: left < 120 ? say("seconds", { n: left }) : stopwatch(left) }) : say("escalation_now")} <span class="due-told">${toldSum(incident.told)}</span></p>`;
}

function head(incident: Incident): TemplateResult {
  return html`<header class="incident-head s-${incident.state}">
    <span class="kind-tile big">${icon(incident.alarm)}</span>
    <div class="incident-title">
      <h2 data-test="incident-title">${mark(incident)}${kindName(incident.alarm)} <span class="number">${incident.id}</span></h2>
      <p class="incident-line">
        <span class="chip s-${incident.state}" data-test="state" data-state=${incident.state}>${stateName(incident.state)}</span>
        ${incident.outcome ? html`<span class="chip" data-test="outcome">${sayOr(`outcome_${incident.outcome}`, incident.outcome)}</span>` : nothing}
        ${incident.center === desk.center ? nothing : html`<span class="soft">${centerName(incident.center)}</span>`}
        ${incident.verbs.includes("classify")
          ? html`<button class="link" data-test="classify" @click=${() => begin("classify", incident.id)}>${say("classify")}</button>`
          : nothing}
      </p>
    </div>
    <span class="incident-age digits">${incident.closed_at ? nothing : stopwatch(age(incident.opened_at))}</span>
  </header>`;
}

export function incidentPanel(): TemplateResult {
  const incident = known(desk.selected);
  if (!incident) {
    return html`<div class="empty">
      <span class="empty-icon">${icon("bell")}</span>
      <p class="empty-title">${desk.selected === null ? say("nothing_open") : (desk.trouble ?? say("loading"))}</p>
      <p>${desk.selected === null ? say("nothing_open_why") : nothing}</p>
    </div>`;
  }
  return html`${keyed(incident.id, article(incident))}`;
}

function article(incident: Incident): TemplateResult {
  return html`<article class="incident ${stripe(incident)}" data-test="incident" data-id=${incident.id} aria-label=${marked(incident, `${kindName(incident.alarm)} ${incident.id}`)}>
    <div class="incident-fixed">${head(incident)} ${verbs(incident)}</div>
    <div class="incident-body">
      ${due(incident)} ${banners(incident)}
      <div class="cards">${person(incident)} ${site(incident)} ${place(incident)} ${details(incident)}</div>
      <section class="card" aria-label=${say("dispatches")}>
        <h3>${say("dispatches")}</h3>
        ${incident.dispatches.length ? html`<ul class="sents">${incident.dispatches.map((each) => sent(incident, each))}</ul>` : html`<p class="soft">${say("nobody_sent")}</p>`}
      </section>
      ${filesCard(incident.files, (iso) => wall(iso, zone()).time)}
      ${toldCard(incident.told, incident.deliveries, (iso) => wall(iso, zone()).time)}
      <section class="card" aria-label=${say("timeline")}>
        <h3>${say("timeline")}</h3>
        ${incident.drill || !incident.timeline ? nothing : html`<p><a class="button" data-test="share" href=${`/desk/incidents/${incident.id}/shares/`}>${icon("out")} ${say("share")}</a></p>`}
        ${incident.timeline ? timeline([...incident.timeline].reverse(), incident.center) : html`<p class="soft">${say("loading")}</p>`}
      </section>
    </div>
  </article>`;
}
