/** What is filled in: weekly shifts, single shifts, one shift's swap or end, a note, the calendar link. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { field, frame } from "./frame.ts";
import { attempt, changed, page, people, post, screen, show, today, type View } from "./state.ts";
import { addDays, endOf, minutesBetween, moment, weekdayName, when } from "./time.ts";
import { DUTIES, type Duty, type Pattern, type Shift } from "./types.ts";
import { dutyName, t } from "./words.ts";

let chosen: Duty = "duty_officer"; // of the form that is open
let form: View | null = null;

/** A form that has just been opened begins with its own duty. */
function begun(view: View, duty: Duty): void {
  if (form === view) return;
  form = view;
  chosen = duty;
}

function dutyAndPerson(person: number | null): TemplateResult {
  const offered = people(chosen);
  return html`${field(
    t("duty"),
    html`<select name="duty" data-test="duty" @change=${(event: Event) => {
      chosen = (event.target as HTMLSelectElement).value as Duty;
      changed();
    }}>${DUTIES.map((each) => html`<option value=${each} ?selected=${each === chosen}>${dutyName(each)}</option>`)}</select>`,
  )}
  ${field(
    t("person"),
    html`<select name="person" data-test="person" required>
      <option value="">${offered === null ? t("loading") : t("choose")}</option>
      ${offered?.map((each) => html`<option value=${each.id} ?selected=${each.id === person} translate="no">${each.name}</option>`) ?? nothing}
    </select>`,
    offered?.length === 0 ? t("personNone") : nothing,
  )}`;
}

function times(from: string, to: string): TemplateResult {
  return html`<div class="roster-pair">
    ${field(t("from"), html`<input type="time" name="from" data-test="from" required value=${from} />`)} ${field(t("to"), html`<input type="time" name="to" data-test="to" required value=${to} />`)}
  </div>
  <p class="soft">${t("toWhy")}</p>`;
}

function submit(id: string, word: string, name: string): TemplateResult {
  return html`<button type="submit" form=${id} class="button accent button-main" data-test=${name} ?disabled=${screen.busy}>${screen.busy ? t("working") : word}</button>`;
}

// ── weekly shifts ───────────────────────────────────────────────────────────

function row(each: Pattern, edits: boolean): TemplateResult {
  const ends = endOf(each.start, each.minutes);
  const next = ends <= each.start.slice(0, 5) ? ` (${t("nextDay")})` : "";
  return html`<li class="roster-note" data-test=${`pattern-${each.id}`}>
    <p class="roster-two"><strong>${weekdayName(each.weekday, true)} ${each.start.slice(0, 5)}–${ends}${next}</strong><span translate="no">${each.person.name}</span>
      <span class="soft">${[`${each.since} –`, each.until].filter(Boolean).join(" ")}</span></p>
    ${!edits
      ? nothing
      : screen.ending === each.id
        ? html`<div role="alert"><p>${t("patternEndSure")}</p>
            <span class="roster-does">
              <button type="button" class="button" @click=${() => { screen.ending = 0; changed(); }}>${t("keep")}</button>
              <button type="button" class="button alarm" data-test="end-yes" ?disabled=${screen.busy} @click=${() => void attempt((by) => post(by, `patterns/${each.id}/end`), { name: "patterns" })}>${t("patternEndYes")}</button>
            </span></div>`
        : html`<span class="roster-does">
            <button type="button" class="button" data-test="change-pattern" @click=${() => show({ name: "pattern", pattern: each })}>${t("change")}</button>
            <button type="button" class="button" data-test="end-pattern" @click=${() => { screen.ending = each.id; changed(); }}>${t("patternEnd")}</button>
          </span>`}
  </li>`;
}

export function patternsView(): TemplateResult {
  const edits = screen.week?.edits ?? false;
  const all = screen.patterns;
  return frame(
    t("patterns"),
    all === null
      ? html`<p class="soft">${t("loading")}</p>`
      : !all.length
        ? html`<p class="soft">${t("patternsNone")}</p>`
        : DUTIES.filter((duty) => all.some((each) => each.duty === duty)).map(
            (duty) => html`<section><h3>${dutyName(duty)}</h3><ul class="roster-list">${all.filter((each) => each.duty === duty).map((each) => row(each, edits))}</ul></section>`,
          ),
    edits ? html`<button type="button" class="button accent button-main" data-test="add-pattern" @click=${() => show({ name: "pattern", pattern: null })}>${t("patternNew")}</button>` : nothing,
  );
}

export function patternView(view: View & { name: "pattern" }): TemplateResult {
  const { pattern } = view;
  begun(view, pattern?.duty ?? "duty_officer");
  const send = (event: Event): void => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(given.get(name) ?? "");
    const weekdays = given.getAll("weekday").map(Number);
    if (!weekdays.length) {
      screen.problem = t("weekdayFirst");
      return changed();
    }
    const body = {
      duty: text("duty"), person: Number(text("person")), start: text("from"), minutes: minutesBetween(text("from"), text("to")),
      since: text("since"), until: text("until") || null,
    };
    void attempt(async (by) => {
      if (pattern) await post(by, `patterns/${pattern.id}`, { ...body, weekday: weekdays[0] });
      else for (const weekday of weekdays) await post(by, "patterns", { ...body, weekday, center: by.center() });
    }, { name: "patterns" });
  };
  return frame(
    pattern ? t("patternChange") : t("patternNew"),
    html`<form id="roster-form" class="roster-form" @submit=${send}>
      ${dutyAndPerson(pattern?.person.id ?? null)}
      <fieldset><legend>${t("weekday")}</legend>
        <div class="roster-days">${[0, 1, 2, 3, 4, 5, 6].map(
          (each) => html`<label class="roster-tick"><input type=${pattern ? "radio" : "checkbox"} name="weekday" value=${each} ?checked=${pattern?.weekday === each} data-test=${`weekday-${each}`} /><span>${weekdayName(each)}</span></label>`,
        )}</div>
      </fieldset>
      ${times(pattern?.start.slice(0, 5) ?? "06:00", pattern ? endOf(pattern.start, pattern.minutes) : "18:00")}
      <div class="roster-pair">
        ${field(t("since"), html`<input type="date" name="since" required value=${pattern?.since ?? today()} />`)} ${field(t("until"), html`<input type="date" name="until" value=${pattern?.until ?? ""} />`)}
      </div>
    </form>`,
    submit("roster-form", t("save"), "save-pattern"),
    () => show({ name: "patterns" }),
  );
}

// ── single shifts ───────────────────────────────────────────────────────────

export function newShiftView(view: View & { name: "new" }): TemplateResult {
  begun(view, view.duty);
  const send = (event: Event): void => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const text = (name: string): string => String(given.get(name) ?? "");
    const zone = screen.week!.time_zone;
    const ends = text("to") <= text("from") ? addDays(text("date"), 1) : text("date");
    void attempt(
      (by) => post(by, "shifts", {
        center: by.center(), duty: text("duty"), person: Number(text("person")),
        starts_at: moment(text("date"), text("from"), zone), ends_at: moment(ends, text("to"), zone),
      }),
      { name: "week" },
    );
  };
  return frame(
    t("shiftNew"),
    html`<form id="roster-form" class="roster-form" @submit=${send}>
      ${dutyAndPerson(null)} ${field(t("day"), html`<input type="date" name="date" data-test="date" required value=${view.date} />`)} ${times(view.from, view.to)}
    </form>`,
    submit("roster-form", t("save"), "save-shift"),
  );
}

function swapForm(shift: Shift): TemplateResult {
  const others = people(shift.duty)?.filter((each) => each.id !== page().me());
  const asked = screen.swaps.by_me.filter((each) => each.shift.id === shift.id);
  const send = (event: Event): void => {
    event.preventDefault();
    const to = Number(new FormData(event.target as HTMLFormElement).get("to"));
    void attempt((by) => post(by, `shifts/${shift.id}/offer`, { to })).then((done) => {
      if (done) screen.notice = t("swapAsked");
      changed();
    });
  };
  return html`<section><h3>${t("swapOffer")}</h3>
    ${asked.map((each) => html`<p class="soft">${t("swapByMe", { name: each.to.name })}</p>`)}
    ${others === undefined
      ? html`<p class="soft">${t("loading")}</p>`
      : !others.length
        ? html`<p class="soft">${t("colleaguesNone")}</p>`
        : html`<form class="roster-form" @submit=${send}>
            ${field(t("person"), html`<select name="to" data-test="swap-to" required><option value="">${t("choose")}</option>${others.map((each) => html`<option value=${each.id} translate="no">${each.name}</option>`)}</select>`, t("swapWhy"))}
            <button class="button accent button-main" data-test="swap-send" ?disabled=${screen.busy}>${t("swapSend")}</button>
            <p role="status" class="good">${screen.notice}</p>
          </form>`}
  </section>`;
}

export function shiftView(view: View & { name: "shift" }): TemplateResult {
  const { shift } = view;
  const sure = (yes: boolean) => () => {
    view.sure = yes;
    changed();
  };
  return frame(
    t("shift"),
    html`<section class="roster-note">
        <p class="roster-two"><strong>${when(shift, shift.time_zone)}</strong><span translate="no">${shift.person.name}</span>
          <span class="soft">${[dutyName(shift.duty), shift.center_name, shift.pattern ? t("weekly") : ""].filter(Boolean).join(" · ")}</span></p>
      </section>
      ${shift.person.id === page().me() && Date.parse(shift.ends_at) > Date.parse(screen.week?.now ?? "") ? swapForm(shift) : nothing}`,
    !screen.week?.edits || shift.ends_at <= screen.week.now
      ? nothing
      : view.sure
        ? html`<p role="alert">${t("removeSure")}</p>
            <button type="button" class="button" @click=${sure(false)}>${t("keep")}</button>
            <button type="button" class="button alarm" data-test="remove-yes" ?disabled=${screen.busy} @click=${() => void attempt((by) => post(by, `shifts/${shift.id}/remove`), { name: "week" })}>${t("removeYes")}</button>`
        : html`<button type="button" class="button" data-test="remove" @click=${sure(true)}>${t("remove")}</button>`,
  );
}

// ── a note, the calendar ────────────────────────────────────────────────────

export function noteView(): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    const text = String(new FormData(event.target as HTMLFormElement).get("text"));
    void attempt((by) => post(by, "handovers", { center: by.center(), text }), { name: "week" });
  };
  return frame(
    t("handoverWrite"),
    html`<form id="roster-form" class="roster-form" @submit=${send}>
      ${field(t("handoverWhat"), html`<textarea name="text" data-test="note-words" rows="8" required maxlength="4000"></textarea>`)}
    </form>`,
    submit("roster-form", t("handoverSend"), "save-note"),
  );
}

export function linkBox(url: string, copied: boolean, copy: () => void): TemplateResult {
  return html`<p><strong>${t("calendarOnce")}</strong></p>
    <p class="roster-link"><input readonly aria-label=${t("calendar")} data-test="calendar-url" .value=${live(url)} translate="no" />
      <button type="button" class="button" data-test="calendar-copy" @click=${copy}>${copied ? t("copied") : t("copy")}</button></p>`;
}

export function calendarView(): TemplateResult {
  const copy = (): void => {
    void navigator.clipboard.writeText(screen.link).then(() => {
      screen.copied = true;
      changed();
    }, () => document.querySelector<HTMLInputElement>(".roster-link input")?.select());
  };
  const make = (): void => {
    screen.copied = false;
    void attempt(async (by) => {
      screen.link = (await by.ask<{ url: string }>("POST", "calendar", {}, {})).url;
    });
  };
  return frame(
    t("calendar"),
    html`<p>${t("calendarWhy")}</p>
      ${screen.link ? linkBox(screen.link, screen.copied, copy) : screen.linked ? html`<p class="soft">${t("calendarAgainWhy")}</p>` : nothing}`,
    html`<button type="button" class="button accent button-main" data-test="calendar-make" ?disabled=${screen.busy} @click=${make}>${screen.linked ? t("calendarAgain") : t("calendarMake")}</button>
      ${screen.linked ? html`<button type="button" class="button" data-test="calendar-end" ?disabled=${screen.busy} @click=${() => {
        screen.link = "";
        void attempt((by) => post(by, "calendar/revoke"));
      }}>${t("calendarEnd")}</button>` : nothing}`,
  );
}
