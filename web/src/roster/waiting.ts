/** What waits for somebody: hand-over notes until they are confirmed, and offers of shifts until they are answered. */
import { html, nothing, type TemplateResult } from "lit-html";
import { attempt, page, post, screen } from "./state.ts";
import { dayName, local, when } from "./time.ts";
import type { Now, Swap } from "./types.ts";
import { dutyName, t } from "./words.ts";

export function notes(now: Now): TemplateResult | typeof nothing {
  if (!now.handovers.length) return nothing;
  return html`<section><h3>${t("handoverNote")}</h3>
    <ul class="roster-list">
      ${now.handovers.map((note) => {
        const at = local(note.at, now.time_zone);
        return html`<li class="roster-note" data-test=${`note-${note.id}`}>
          <p class="soft">${t("handoverFrom", { name: note.author.name, time: `${dayName(at.date)} ${at.time}` })}</p>
          <p class="roster-text">${note.text}</p>
          ${note.author.id === page().me()
            ? html`<p class="soft">${t("handoverWaits")}</p>`
            : page().acts()
              ? html`<button type="button" class="button accent button-main" data-test=${`confirm-note-${note.id}`} ?disabled=${screen.busy} @click=${() => void attempt((by) => post(by, `handovers/${note.id}/confirm`))}>${t("handoverConfirm")}</button>`
              : nothing}
        </li>`;
      })}
    </ul>
  </section>`;
}

export function swapSays(swap: Swap): TemplateResult {
  const { shift } = swap;
  return html`<strong>${when(shift, shift.time_zone)}</strong><span class="soft">${dutyName(shift.duty)} · ${shift.center_name}</span>`;
}

export function offers(): TemplateResult | typeof nothing {
  const { to_me, by_me } = screen.swaps;
  if (!to_me.length && !by_me.length) return nothing;
  return html`<section><h3>${t("swap")}</h3>
    <ul class="roster-list">
      ${to_me.map(
        (each) => html`<li class="roster-note" data-test=${`swap-${each.id}`}>
          <p>${t("swapToMe", { name: each.shift.person.name })}</p>
          <p class="roster-two">${swapSays(each)}</p>
          <span class="roster-does">
            <button type="button" class="button accent button-main" data-test="swap-accept" ?disabled=${screen.busy} @click=${() => void attempt((by) => post(by, `swaps/${each.id}/accept`))}>${t("swapAccept")}</button>
            <button type="button" class="button" data-test="swap-decline" ?disabled=${screen.busy} @click=${() => void attempt((by) => post(by, `swaps/${each.id}/decline`))}>${t("swapDecline")}</button>
          </span>
        </li>`,
      )}
      ${by_me.map((each) => html`<li class="roster-note"><p class="roster-two">${swapSays(each)}</p><p class="soft">${t("swapByMe", { name: each.to.name })}</p></li>`)}
    </ul>
  </section>`;
}
