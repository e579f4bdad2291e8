/** A week of a center: each duty by day, what is not covered in red; and what waits for an answer. */
import { html, nothing, type TemplateResult } from "lit-html";
import { notes, offers } from "./waiting.ts";
import { page, screen, show, today, turn } from "./state.ts";
import { dayName, local, timeSpan, within } from "./time.ts";
import type { Day, DutyWeek, OnDuty, Shift, Span, Week } from "./types.ts";
import { dutyName, t } from "./words.ts";

const touches = (span: Span, day: Span): boolean => span.starts_at < day.ends_at && span.ends_at > day.starts_at;

function chip(shift: Shift, day: Day, duty: DutyWeek, zone: string, edits: boolean): TemplateResult {
  const mine = shift.person.id === page().me();
  const twice = duty.overlaps.some((each) => each.person.id === shift.person.id && touches(each, shift));
  const said = html`<strong translate="no">${shift.person.name}</strong>
    <span class="roster-time">${within(shift, day, zone)}</span>
    ${mine ? html`<span class="roster-mark">${t("mine")}</span>` : nothing}
    ${shift.counts === false ? html`<span class="roster-mark warn">${t("noRole")}</span>` : nothing}
    ${twice ? html`<span class="roster-mark warn">${t("overlap")}</span>` : nothing}`;
  const kind = `roster-shift ${mine ? "mine" : ""} ${shift.counts === false || twice ? "careful" : ""}`;
  return edits || mine
    ? html`<button type="button" class=${kind} data-test=${`shift-${shift.id}`} @click=${() => show({ name: "shift", shift, sure: false })}>${said}</button>`
    : html`<span class=${kind}>${said}</span>`;
}

function hole(gap: Span, day: Day, duty: DutyWeek, week: Week): TemplateResult {
  const clipped = { starts_at: gap.starts_at > day.starts_at ? gap.starts_at : day.starts_at, ends_at: gap.ends_at < day.ends_at ? gap.ends_at : day.ends_at };
  const time = within(clipped, day, week.time_zone);
  const said = html`<strong>${t("gap")}</strong><span class="roster-time">${time}</span>`;
  if (!week.edits || clipped.ends_at <= week.now) return html`<span class="roster-gap">${said}</span>`;
  const from = local(clipped.starts_at > week.now ? clipped.starts_at : week.now, week.time_zone);
  return html`<button type="button" class="roster-gap" data-test="gap"
    @click=${() => show({ name: "new", duty: duty.duty, date: from.date, from: from.time, to: local(clipped.ends_at, week.time_zone).time })}>${said}<span class="hidden">${dutyName(duty.duty)} ${dayName(day.date)}</span></button>`;
}

function cell(duty: DutyWeek, row: number, day: Day, column: number, week: Week): TemplateResult {
  const inDay = [
    ...duty.shifts.filter((each) => touches(each, day)).map((each) => ({ at: each.starts_at, shown: chip(each, day, duty, week.time_zone, week.edits) })),
    ...duty.gaps.filter((each) => touches(each, day)).map((each) => ({ at: each.starts_at, shown: hole(each, day, duty, week) })),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
  return html`<div class="roster-cell c${column} r${row} ${day.date === today() ? "today" : ""}">
    <h4>${dutyName(duty.duty)}</h4>
    ${duty.kept ? inDay.map((each) => each.shown) : html`<span class="soft roster-none">${t("notKeptShort")}</span>`}
  </div>`;
}

function grid(week: Week): TemplateResult {
  return html`<div class="roster-grid" data-test="roster-grid">
    <div class="roster-corner c0 r0"></div>
    ${week.duties.map((duty, n) => html`<div class="roster-duty c0 r${n + 1}"><strong>${dutyName(duty.duty)}</strong>${duty.kept ? nothing : html`<span class="soft">${t("notKept", { duty: dutyName(duty.duty) })}</span>`}</div>`)}
    ${week.days.map(
      (day, n) => html`<h3 class="roster-day c${n + 1} r0 ${day.date === today() ? "today" : ""}">${dayName(day.date)}${day.date === today() ? html` <span class="roster-mark">${t("today")}</span>` : nothing}</h3>
        ${week.duties.map((duty, row) => cell(duty, row + 1, day, n + 1, week))}`,
    )}
  </div>`;
}

function onDuty(each: OnDuty, zone: string): TemplateResult {
  const how = each.by === "available" ? t("nowAvailable") : each.by === "role" ? t("nowByRole") : "";
  const until = each.until ? t("nowUntil", { time: local(each.until, zone).time }) : "";
  return html`<li>
    <span><strong translate="no">${each.name}</strong> <span class="soft">${[dutyName(each.duty), how, until].filter(Boolean).join(" · ")}</span></span>
    ${each.phone ? html`<a class="button" href=${`tel:${each.phone}`} translate="no">${each.phone}</a>` : nothing}
  </li>`;
}

function summary(week: Week): TemplateResult {
  const gaps = week.duties.reduce((sum, each) => sum + each.gaps.length, 0);
  const overlaps = new Map(week.duties.flatMap((duty) => duty.overlaps).map((each) => [`${each.person.id} ${each.starts_at}`, each]));
  return html`<div role="status"><ul class="roster-says">
    ${week.duties.some((each) => each.kept)
      ? html`<li class=${gaps ? "bad" : "good"} data-test="gaps">${gaps === 0 ? t("gapsNone") : gaps === 1 ? t("gapsOne") : t("gapsSome", { n: gaps })}</li>`
      : nothing}
    ${[...overlaps.values()].map((each) => html`<li class="careful">${t("overlapWho", { name: each.person.name, time: `${dayName(local(each.starts_at, week.time_zone).date)} ${timeSpan(each, week.time_zone)}` })}</li>`)}
  </ul></div>`;
}

export function weekView(): TemplateResult {
  const { week, now } = screen;
  return html`<div class="roster-head">
      <button type="button" class="button" data-test="roster-leave" @click=${() => page().leave()}>${t("back")}</button>
      <h2 tabindex="-1" data-heading>${t("roster")}</h2>
      <span class="roster-tools">
        ${page().acts() ? html`<button type="button" class="button" data-test="write-note" @click=${() => show({ name: "note" })}>${t("handoverWrite")}</button>` : nothing}
        ${week?.edits ? html`<button type="button" class="button" data-test="add-shift" @click=${() => show({ name: "new", duty: "duty_officer", date: today(), from: "18:00", to: "06:00" })}>${t("shiftNew")}</button>` : nothing}
        <button type="button" class="button" data-test="patterns" @click=${() => show({ name: "patterns" })}>${t("patterns")}</button>
        <button type="button" class="button" data-test="calendar" @click=${() => show({ name: "calendar" })}>${t("calendar")}</button>
      </span>
    </div>
    <div class="roster-scroll wide">
      ${screen.problem ? html`<p class="roster-problem" role="alert">${screen.problem}</p>` : nothing}
      ${now ? notes(now) : nothing} ${offers()}
      ${now
        ? html`<section><h3>${t("now")}</h3>
            ${now.people.length ? html`<ul class="roster-people" data-test="roster-now">${now.people.map((each) => onDuty(each, now.time_zone))}</ul>` : html`<p class="roster-gap">${t("nowNobody")}</p>`}
          </section>`
        : nothing}
      <section>
        <div class="roster-turn">
          <span class="roster-does">
            <button type="button" class="button" data-test="week-before" aria-label=${t("weekBefore")} @click=${() => turn(-7)}>‹</button>
            <button type="button" class="button" data-test="week-now" @click=${() => turn(0)}>${t("week")}</button>
            <button type="button" class="button" data-test="week-after" aria-label=${t("weekAfter")} @click=${() => turn(7)}>›</button>
          </span>
          ${week
            ? html`<span class="roster-span"><strong data-test="week-of">${t("weekOf", { first: dayName(week.days[0]!.date), last: dayName(week.days[6]!.date) })}</strong>
                <span class="soft">${t("zone")} · <span translate="no">${week.time_zone}</span></span></span>`
            : nothing}
        </div>
        ${week ? html`${summary(week)} ${grid(week)}` : html`<p class="soft">${t("loading")}</p>`}
      </section>
    </div>`;
}
