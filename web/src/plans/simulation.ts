/** The simulation beside the pen: a time line of who would be told, when and how, and what to mind. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { stopwatch, wall } from "../desk/clock.ts";
import { icon } from "../desk/icons.ts";
import { KINDS } from "../desk/types.ts";
import { kindName } from "../desk/words.ts";
import { language } from "../i18n.ts";
import { screen, see } from "./state.ts";
import type { Simulated } from "./types.ts";
import { t, type Word } from "./words.ts";

const MOST = 8; // names in one stage

const channels = (names: string[]): string => names.map((each) => t(`by_${each}` as Word)).join(language() === "en" ? ", " : "、");

export function simulation(): TemplateResult {
  const played = screen.played;
  return html`<section class="plans-scroll plan-play" aria-label=${t("simulation")} data-test="simulation" data-state=${screen.playing ? "playing" : "done"}>
    <h3>${t("simulation")}</h3>
    <p class="soft">${t("simulationWhy")}</p>
    ${asked()}
    ${screen.wrong.some((each) => each.field.startsWith("steps")) ? html`<p class="plan-mend">${t("mend")}</p>` : nothing}
    ${played ? shown(played) : html`<p class="soft">${t("loading")}</p>`}
  </section>`;
}

function asked(): TemplateResult {
  const moments = (["now", "sunday", "other"] as const).map(
    (each) => html`<label class="segment"><input type="radio" name="moment" value=${each} data-test=${`moment-${each}`} .checked=${live(screen.moment === each)}
        @change=${() => see({ moment: each, wall: screen.wall || nextHour() })} /><span>${t(each)}</span></label>`,
  );
  return html`<div class="plan-asked">
    <label class="field"><span>${t("kind")}</span>
      <select data-test="play-alarm" .value=${live(screen.alarm)} @change=${(event: Event) => see({ alarm: (event.target as HTMLSelectElement).value })}>
        ${KINDS.map((each) => html`<option value=${each} ?selected=${each === screen.alarm}>${kindName(each)}</option>`)}
      </select></label>
    <label class="check"><input type="checkbox" data-test="play-silent" .checked=${live(screen.silent)} @change=${(event: Event) => see({ silent: (event.target as HTMLInputElement).checked })} /> ${t("silent")}</label>
    <fieldset class="segments"><legend class="hidden">${t("moment")}</legend>${moments}</fieldset>
    ${screen.moment === "other"
      ? html`<label class="field"><span>${t("moment")}</span><input type="datetime-local" data-test="play-wall" .value=${live(screen.wall)} @change=${(event: Event) => see({ wall: (event.target as HTMLInputElement).value })} /></label>`
      : nothing}
  </div>`;
}

function nextHour(): string {
  const zone = screen.plans?.time_zone ?? "UTC";
  const at = wall(Date.now() + 3_600_000, zone);
  return `${at.date}T${at.time.slice(0, 2)}:00`;
}

function shown(played: Simulated): TemplateResult {
  const begin = wall(played.at, played.time_zone);
  return html`<div class=${screen.playing ? "plan-old" : ""}>
    ${played.warnings.length
      ? html`<div class="plan-warnings" data-test="warnings"><strong>${icon("other")} ${t("warnings")}</strong><ul>${played.warnings.map((each) => html`<li data-test=${`warning-${each.reason}`}>${each.text}</li>`)}</ul></div>`
      : html`<p class="plan-fine" data-test="no-warnings">${icon("check")} ${t("noWarnings")}</p>`}
    <p class="plan-begin"><strong>${begin.date} ${begin.time}</strong> <span class="soft">${begin.offset}</span></p>
    <ol class="plan-line">${played.stages.map((each) => moment(each, played.time_zone))}
      <li class="plan-again"><span class="plan-at">↻</span><span>${t("repeats", { n: played.every })}</span></li>
    </ol>
  </div>`;
}

function moment(stage: Simulated["stages"][number], zone: string): TemplateResult {
  const at = wall(stage.at, zone);
  const joined = (names: string[]) => names.join(language() === "en" ? ", " : "、");
  return html`<li data-test=${`played-${stage.step}`}>
    <span class="plan-at"><strong class="digits">+${stopwatch(stage.after)}</strong><span class="soft digits">${at.time}</span></span>
    <div class="plan-told">
      ${stage.ring.length ? html`<p class="plan-ring">${icon("bell")} ${t("rings", { centers: joined(stage.ring.map((each) => each.name)) })}</p>` : nothing}
      ${stage.told.length
        ? html`<ul>${stage.told.slice(0, MOST).map(
            (each) => html`<li><span translate="no">${each.name}</span>
              ${each.channels.length
                ? html`<span class="soft">${each.otherwise ? `${t("otherwise")} ` : ""}${channels(each.channels)}</span>`
                : html`<span class="bad">${t("unreachable")}</span>`}</li>`,
          )}
          ${stage.told.length > MOST ? html`<li class="soft">${t("more", { n: stage.told.length - MOST })}</li>` : nothing}</ul>`
        : nothing}
      ${stage.relatives ? html`<p>${t("relatives")}</p>` : nothing}
      ${stage.partners.length ? html`<p><span translate="no">${joined(stage.partners)}</span> <span class="soft">${t("by_webhook")}</span></p>` : nothing}
    </div>
  </li>`;
}
