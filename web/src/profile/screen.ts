/** "My details", on the phone: what a member may tell about themselves, why each is asked and who will see it; and leaving. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Lent } from "../looks/screen.ts";
import "../reach/reach.css";
import "./profile.css";
import { LANGUAGES, type Kin, type Mine, type Place, type PlaceKind, type Told, type Vehicle } from "./types.ts";
import { languageName, t, type Word } from "./words.ts";

const MOST = 10;
const screen = { mine: null as Mine | null, draft: null as Told | null, agrees: false, busy: false, problem: "", saved: false, leaving: 0 };

/** Called when the member is none any more. */
export interface Leaves {
  left(): Promise<void>;
}

let page: (Lent & Leaves) | null = null;

export function openScreen(by: Lent & Leaves): void {
  page = by;
  Object.assign(screen, { mine: null, draft: null, agrees: false, busy: false, problem: "", saved: false, leaving: 0 });
  void look();
}

export function closeScreen(): void {
  Object.assign(screen, { mine: null, draft: null }); // it does not stay in memory longer than it is looked at
}

/** Read it; a draft that was begun stays. */
export async function look(): Promise<void> {
  if (!page) return;
  try {
    const mine = await page.ask<Mine>("/app/profile");
    screen.mine = mine;
    screen.draft ??= draftOf(mine);
    screen.problem = "";
  } catch (trouble) {
    if (!screen.mine) screen.problem = page.explain(trouble);
  }
  page.changed();
}

function draftOf(mine: Mine): Told {
  const { places, vehicles, family, languages, wishes, medical } = structuredClone(mine);
  return { places, vehicles, family, languages, wishes, medical };
}

function touched(): void {
  screen.saved = false;
  page?.changed();
}

async function save(event: Event): Promise<void> {
  event.preventDefault();
  const draft = screen.draft;
  if (!page || !draft || screen.busy) return;
  Object.assign(screen, { busy: true, problem: "", saved: false });
  page.changed();
  try {
    const consent = screen.agrees && screen.mine ? { consent: screen.mine.consent.version } : {};
    const mine = await page.ask<Mine>("/app/profile", { ...draft, ...consent });
    Object.assign(screen, { mine, draft: draftOf(mine), saved: true });
  } catch (trouble) {
    screen.problem = page.explain(trouble);
  }
  screen.busy = false;
  page.changed();
}

async function leave(): Promise<void> {
  if (!page || screen.busy) return;
  Object.assign(screen, { busy: true, problem: "" });
  page.changed();
  try {
    await page.ask("/app/leave", { sure: true });
    screen.busy = false;
    await page.left();
    return;
  } catch (trouble) {
    screen.problem = page.explain(trouble);
  }
  screen.busy = false;
  page.changed();
}

export function content(): TemplateResult {
  const draft = screen.draft;
  return html`<div class="reach">
    <header class="reach-head">
      <h2 data-heading tabindex="-1">${t("myDetails")}</h2>
      <button type="button" class="button" data-test="profile-back" @click=${() => page?.leave()}>${t("back")}</button>
    </header>
    <div class="reach-scroll">
      <p class="soft">${t("why")}</p>
      ${draft
        ? html`<form class="profile" @submit=${save}>
              ${places(draft)} ${vehicles(draft)} ${family(draft)} ${languages(draft)} ${long("wishes", draft)} ${medical(draft)}
              <p class="reach-problem" role="alert" data-test="profile-problem">${screen.problem || nothing}</p>
              <button class="button button-main" data-test="profile-save" ?disabled=${screen.busy}>${screen.busy ? t("saving") : t("save")}</button>
              <p role="status" data-test="profile-saved">${screen.saved ? `✓ ${t("saved")}` : nothing}</p>
            </form>
            ${leaving()}`
        : screen.problem
          ? html`<p class="reach-problem" role="alert">${screen.problem}</p>
              <button type="button" class="button" @click=${() => void look()}>${t("retry")}</button>`
          : html`<p class="soft" role="status">${t("loading")}</p>`}
    </div>
  </div>`;
}

// ── parts ───────────────────────────────────────────────────────────────────

function part(title: Word, why: Word, body: unknown): TemplateResult {
  return html`<fieldset class="reach-form">
    <legend>${t(title)}</legend>
    <p class="soft">${t(why)}</p>
    ${body}
  </fieldset>`;
}

/** One line of a list: a labelled field for a text of `each`. */
function line<Row>(each: Row, key: keyof Row & string, label: Word, test: string, more: { type?: string; most?: number } = {}): TemplateResult {
  return html`<label class="field"
    >${t(label)}<input
      name=${test}
      type=${more.type ?? "text"}
      maxlength=${more.most ?? 200}
      autocomplete="off"
      data-test=${test}
      .value=${live(String(each[key]))}
      @input=${(event: Event) => {
        (each[key] as unknown) = (event.target as HTMLInputElement).value;
        screen.saved = false;
      }}
  /></label>`;
}

function list<Row>(rows: Row[], add: Word, fresh: () => Row, draw: (each: Row, n: number) => unknown, name: string): TemplateResult {
  return html`${rows.map(
      (each, n) => html`<div class="profile-row" role="group" aria-label=${`${n + 1}`}>
        ${draw(each, n)}
        <button
          type="button"
          class="button profile-remove"
          data-test=${`${name}-remove-${n}`}
          @click=${() => {
            rows.splice(n, 1);
            touched();
          }}
        >
          ${t("remove")} ${n + 1}
        </button>
      </div>`,
    )}
    ${rows.length < MOST
      ? html`<button
          type="button"
          class="button"
          data-test=${`${name}-add`}
          @click=${() => {
            rows.push(fresh());
            touched();
          }}
        >
          + ${t(add)}
        </button>`
      : nothing}`;
}

function places(draft: Told): TemplateResult {
  const kinds: PlaceKind[] = ["home", "shop", "other"];
  const fresh = (): Place => ({ kind: draft.places.length ? "shop" : "home", address: "", way_in: "" });
  const draw = (each: Place, n: number) => html`<label class="field"
      >${t("kind")}<select
        data-test=${`place-kind-${n}`}
        @change=${(event: Event) => {
          each.kind = (event.target as HTMLSelectElement).value as PlaceKind;
          touched();
        }}
      >
        ${kinds.map((kind) => html`<option value=${kind} ?selected=${(each.kind ?? "home") === kind}>${t(kind)}</option>`)}
      </select></label
    >${line(each, "address", "address", `place-address-${n}`)} ${line(each, "way_in", "wayIn", `place-way-${n}`)}`;
  return part("places", "placesWhy", list(draft.places, "addPlace", fresh, draw, "place"));
}

function vehicles(draft: Told): TemplateResult {
  const draw = (each: Vehicle, n: number) => html`${line(each, "plate", "plate", `vehicle-plate-${n}`, { most: 40 })} ${line(each, "what", "what", `vehicle-what-${n}`)}`;
  return part("vehicles", "vehiclesWhy", list(draft.vehicles, "addVehicle", () => ({ plate: "", what: "" }), draw, "vehicle"));
}

function family(draft: Told): TemplateResult {
  const draw = (each: Kin, n: number) => html`${line(each, "name", "name", `kin-name-${n}`)} ${line(each, "who", "who", `kin-who-${n}`)} ${line(each, "phone", "phone", `kin-phone-${n}`, { type: "tel" })}`;
  return part("family", "familyWhy", list(draft.family, "addKin", () => ({ name: "", who: "", phone: "" }), draw, "kin"));
}

function languages(draft: Told): TemplateResult {
  const tick = (code: string) => html`<label class="profile-tick"
    ><input
      type="checkbox"
      data-test=${`speaks-${code}`}
      .checked=${live(draft.languages.includes(code))}
      @change=${(event: Event) => {
        const on = (event.target as HTMLInputElement).checked;
        draft.languages = on ? [...draft.languages, code] : draft.languages.filter((each) => each !== code);
        touched();
      }}
    /><span>${languageName(code)}</span></label
  >`;
  return part("languages", "languagesWhy", html`<div class="profile-ticks">${LANGUAGES.map(tick)}</div>`);
}

function long(key: "wishes" | "medical", draft: Told): TemplateResult {
  const field = html`<textarea
    rows="4"
    maxlength="2000"
    aria-label=${t(key)}
    data-test=${key}
    .value=${live(draft[key])}
    @input=${(event: Event) => {
      draft[key] = (event.target as HTMLTextAreaElement).value;
      touched();
    }}
  ></textarea>`;
  return key === "wishes" ? part("wishes", "wishesWhy", field) : field;
}

function medical(draft: Told): TemplateResult {
  const consent = screen.mine?.consent;
  const agree = html`<details>
      <summary>${t("consentText")}</summary>
      ${consent?.text.split("\n\n").map((each) => html`<p class="profile-text">${each}</p>`) ?? nothing}
    </details>
    <label class="profile-tick"
      ><input
        type="checkbox"
        data-test="medical-consent"
        .checked=${live(screen.agrees)}
        @change=${(event: Event) => {
          screen.agrees = (event.target as HTMLInputElement).checked;
          touched();
        }}
      /><span>${t("consent")}</span></label
    >`;
  return part("medical", "medicalWhy", html`${long("medical", draft)} ${consent?.given ? html`<p class="soft">${t("consentGiven")}</p>` : draft.medical ? agree : nothing}`);
}

function leaving(): TemplateResult {
  const step = (to: number) => () => {
    screen.leaving = to;
    page?.changed();
  };
  return html`<section class="reach-form">
    <h3>${t("leave")}</h3>
    <p class="soft">${t("leaveWhy")}</p>
    ${screen.leaving
      ? html`<p role="alert">${t("leaveSure")}</p>
          <button type="button" class="button" data-test="leave-stay" @click=${step(0)}>${t("stay")}</button>
          <button type="button" class="button button-alarm" data-test="leave-yes" ?disabled=${screen.busy} @click=${() => void leave()}>${t("leaveYes")}</button>`
      : html`<button type="button" class="button" data-test="leave" @click=${step(1)}>${t("leaveOpen")}</button>`}
  </section>`;
}
