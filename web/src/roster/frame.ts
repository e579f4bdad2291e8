/** What every page of the roster looks like: a head with the way back, a body that scrolls, what is done at its foot. */
import { html, nothing, type TemplateResult } from "lit-html";
import { screen, show } from "./state.ts";
import { t } from "./words.ts";

export function frame(title: unknown, body: unknown, foot: unknown, back: () => void = () => show({ name: "week" })): TemplateResult {
  return html`<div class="roster-head">
      <button type="button" class="button" data-test="roster-back" @click=${back}>${t("back")}</button>
      <h2 tabindex="-1" data-heading>${title}</h2>
    </div>
    <div class="roster-scroll">${body}</div>
    <div class="roster-foot">
      <p class="roster-problem" role="alert" data-test="roster-problem">${screen.problem}</p>
      ${foot ? html`<div class="roster-acts">${foot}</div>` : nothing}
    </div>`;
}

export function field(label: string, input: unknown, why: unknown = nothing): TemplateResult {
  return html`<label class="field"><span>${label}</span>${input}${why ? html`<span class="soft">${why}</span>` : nothing}</label>`;
}
