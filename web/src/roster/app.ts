/** "Duty" in the app, for those with shifts: "I'm available", swaps, my shifts, my calendar. Fetched when it is first opened. */
import { html, nothing, type TemplateResult } from "lit-html";
import "./roster.css";
import { linkBox } from "./forms.ts";
import { dayName, local, when } from "./time.ts";
import type { Named, Shift, Swaps } from "./types.ts";
import { swapSays } from "./waiting.ts";
import { dutyName, t } from "./words.ts";

interface Mine {
  shifts: Shift[];
  swaps: Swaps;
  centers: { code: string; name: string }[];
  available: { until: string; center: string; center_name: string; placed: boolean } | null;
  calendar: boolean;
  calendar_url?: string;
  now: string;
}

/** What the app lends. */
export interface Lent {
  ask<T>(path: string, body?: unknown): Promise<T>;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
}

const SOON = 6; // shifts that are shown before one asks for all
const HOURS = [2, 4, 8, 12];
const REST = 30_000;
const screen = {
  mine: null as Mine | null,
  hours: 4,
  placed: true,
  center: "",
  link: "",
  copied: false,
  busy: false,
  problem: "",
  notice: "",
  swapping: 0,
  colleagues: null as Named[] | null,
};
let lent: Lent | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

export function openDuty(by: Lent): void {
  lent = by;
  Object.assign(screen, { problem: "", notice: "", link: "", swapping: 0 });
  clearInterval(timer);
  timer = setInterval(() => document.visibilityState === "visible" && void look(), REST);
  void look();
  setTimeout(() => document.querySelector<HTMLElement>(".duty h1")?.focus());
}

export function closeDuty(): void {
  clearInterval(timer);
  screen.link = "";
}

export async function look(): Promise<void> {
  try {
    screen.mine = await lent!.ask<Mine>("/app/duty");
  } catch (trouble) {
    if (!screen.mine) screen.problem = lent!.explain(trouble);
  }
  lent?.changed();
}

async function tell(path: string, body: object = {}): Promise<void> {
  if (screen.busy) return;
  Object.assign(screen, { busy: true, problem: "", notice: "" });
  lent?.changed();
  try {
    screen.mine = await lent!.ask<Mine>(`/app/duty/${path}`, body);
    screen.swapping = 0;
    if (screen.mine.calendar_url) screen.link = screen.mine.calendar_url;
  } catch (trouble) {
    screen.problem = lent!.explain(trouble);
    void look();
  }
  screen.busy = false;
  lent?.changed();
}

/** Where the phone is now, asked for once; null if it does not say within 8 s. */
function here(): Promise<{ lat: number; lon: number } | null> {
  return new Promise((done) => {
    if (!("geolocation" in navigator)) return done(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude }),
      () => done(null),
      { maximumAge: 60_000, timeout: 8_000, enableHighAccuracy: true },
    );
  });
}

async function available(): Promise<void> {
  if (screen.busy) return;
  screen.busy = true;
  lent?.changed();
  const position = screen.placed ? await here() : null;
  screen.busy = false;
  await tell("available", { hours: screen.hours, ...(position && { position }), ...(screen.center && { center: screen.center }) });
  if (screen.placed && !position && !screen.problem) screen.notice = t("noPlace");
  lent?.changed();
}

function availability(mine: Mine): TemplateResult | typeof nothing {
  if (mine.available) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const until = local(mine.available.until, zone);
    const time = until.date === local(mine.now, zone).date ? until.time : `${dayName(until.date)} ${until.time}`;
    return html`<section>
      <div class="duty-state on" data-test="available-until" role="status">
        <p><strong>${t("availableUntil", { time })}</strong></p>
        <p>${t("availableAt", { center: mine.available.center_name })}</p>
        <p>${mine.available.placed ? t("availablePlaced") : t("availableUnplaced")}</p>
      </div>
      <button type="button" class="button" data-test="available-end" ?disabled=${screen.busy} @click=${() => void tell("available", { hours: 0 })}>${t("availableEnd")}</button>
    </section>`;
  }
  if (!mine.centers.length) return nothing;
  return html`<section>
    <p class="soft">${t("availableWhy")}</p>
    <fieldset><legend>${t("availableFor")}</legend>
      <div class="duty-hours">${HOURS.map(
        (each) => html`<button type="button" class="button" data-test=${`hours-${each}`} aria-pressed=${screen.hours === each ? "true" : "false"} @click=${() => {
          screen.hours = each;
          lent?.changed();
        }}>${t("hours", { n: each })}</button>`,
      )}</div>
    </fieldset>
    ${mine.centers.length > 1
      ? html`<label class="field"><span>${t("center")}</span><select data-test="available-center" @change=${(event: Event) => (screen.center = (event.target as HTMLSelectElement).value)}>${mine.centers.map((each) => html`<option value=${each.code} ?selected=${each.code === screen.center}>${each.name}</option>`)}</select></label>`
      : nothing}
    <label class="duty-place"><input type="checkbox" data-test="with-place" .checked=${screen.placed} @change=${(event: Event) => (screen.placed = (event.target as HTMLInputElement).checked)} />
      <span>${t("withPlace")}<small>${t("withPlaceWhy")}</small></span></label>
    <button type="button" class="button button-main" data-test="available" ?disabled=${screen.busy} @click=${() => void available()}>${screen.busy ? t("working") : t("available")}</button>
  </section>`;
}

function offered({ swaps }: Mine): TemplateResult | typeof nothing {
  if (!swaps.to_me.length) return nothing;
  return html`<section><h2>${t("swap")}</h2><ul class="roster-list">
    ${swaps.to_me.map(
      (each) => html`<li class="roster-note" data-test=${`swap-${each.id}`}>
        <p>${t("swapToMe", { name: each.shift.person.name })}</p>
        <p class="roster-two">${swapSays(each)}</p>
        <span class="pair">
          <button type="button" class="button button-main" data-test="swap-accept" ?disabled=${screen.busy} @click=${() => void tell(`swaps/${each.id}/accept`)}>${t("swapAccept")}</button>
          <button type="button" class="button" data-test="swap-decline" ?disabled=${screen.busy} @click=${() => void tell(`swaps/${each.id}/decline`)}>${t("swapDecline")}</button>
        </span>
      </li>`,
    )}
  </ul></section>`;
}

function begin(shift: Shift): void {
  Object.assign(screen, { swapping: screen.swapping === shift.id ? 0 : shift.id, colleagues: null, problem: "" });
  lent?.changed();
  if (!screen.swapping) return;
  void lent!.ask<{ items: Named[] }>(`/app/duty/shifts/${shift.id}/colleagues`).then(
    ({ items }) => {
      screen.colleagues = items;
      lent?.changed();
    },
    (trouble: unknown) => {
      screen.problem = lent!.explain(trouble);
      lent?.changed();
    },
  );
}

function swapping(shift: Shift): TemplateResult {
  const others = screen.colleagues;
  if (!others) return html`<p class="soft">${t("loading")}</p>`;
  if (!others.length) return html`<p class="soft">${t("colleaguesNone")}</p>`;
  const send = (event: Event): void => {
    event.preventDefault();
    const to = Number(new FormData(event.target as HTMLFormElement).get("to"));
    void tell(`shifts/${shift.id}/offer`, { to });
  };
  return html`<form class="roster-form" @submit=${send}>
    <label class="field"><span>${t("swapOffer")}</span>
      <select name="to" data-test="swap-to" required><option value="">${t("choose")}</option>${others.map((each) => html`<option value=${each.id} translate="no">${each.name}</option>`)}</select>
      <span class="soft">${t("swapWhy")}</span></label>
    <button class="button button-main" data-test="swap-send" ?disabled=${screen.busy}>${t("swapSend")}</button>
  </form>`;
}

function shifts(mine: Mine): TemplateResult {
  const list = (some: Shift[]) => html`<ul class="roster-list">${some.map((each) => myShift(each, mine))}</ul>`;
  return html`<section><h2>${t("myShifts")}</h2>
    ${mine.shifts.length ? list(mine.shifts.slice(0, SOON)) : html`<p class="soft">${t("myShiftsNone")}</p>`}
    ${mine.shifts.length > SOON ? html`<details class="roster-later"><summary data-test="shifts-later">${t("shiftsLater", { n: mine.shifts.length - SOON })}</summary>${list(mine.shifts.slice(SOON))}</details>` : nothing}
  </section>`;
}

function myShift(each: Shift, mine: Mine): TemplateResult {
  const asked = mine.swaps.by_me.filter((swap) => swap.shift.id === each.id);
  return html`<li class="roster-note" data-test=${`my-shift-${each.id}`}>
    <p class="roster-two"><strong>${when(each, each.time_zone)}</strong>
      ${Date.parse(each.starts_at) <= Date.parse(mine.now) ? html`<span class="roster-mark">${t("runs")}</span>` : nothing}
      <span class="soft">${dutyName(each.duty)} · ${each.center_name}</span></p>
    ${asked.map((swap) => html`<p class="soft">${t("swapByMe", { name: swap.to.name })}</p>`)}
    <button type="button" class="button" data-test="swap" aria-expanded=${screen.swapping === each.id ? "true" : "false"} @click=${() => begin(each)}>${t("swap")}</button>
    ${screen.swapping === each.id ? swapping(each) : nothing}
  </li>`;
}

function calendar(mine: Mine): TemplateResult {
  const copy = (): void => {
    void navigator.clipboard.writeText(screen.link).then(() => {
      screen.copied = true;
      lent?.changed();
    }, () => document.querySelector<HTMLInputElement>(".roster-link input")?.select());
  };
  return html`<section><h2>${t("calendar")}</h2>
    <p class="soft">${t("calendarWhy")}</p>
    ${screen.link ? linkBox(screen.link, screen.copied, copy) : mine.calendar ? html`<p class="soft">${t("calendarAgainWhy")}</p>` : nothing}
    <button type="button" class="button" data-test="calendar-make" ?disabled=${screen.busy} @click=${() => void tell("calendar")}>${mine.calendar ? t("calendarAgain") : t("calendarMake")}</button>
    ${mine.calendar ? html`<button type="button" class="button" data-test="calendar-end" ?disabled=${screen.busy} @click=${() => {
      screen.link = "";
      void tell("calendar/revoke");
    }}>${t("calendarEnd")}</button>` : nothing}
  </section>`;
}

export function dutyScreen(): TemplateResult {
  const { mine } = screen;
  return html`<main class="duty">
    <button type="button" class="button duty-back" data-test="duty-back" @click=${() => lent?.leave()}>${t("back")}</button>
    <h1 tabindex="-1">${t("myDuty")}</h1>
    <p class="problem" role="alert">${screen.problem || screen.notice}</p>
    ${mine ? html`${availability(mine)} ${offered(mine)} ${shifts(mine)} ${calendar(mine)}` : html`<p class="soft" role="status">${t("loading")}</p>`}
  </main>`;
}
