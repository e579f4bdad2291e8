/** What every page but the list looks like: a head with the way back, a body that scrolls, and what is done at its foot. */
import { html, nothing, type TemplateResult } from "lit-html";
import { screen, staff } from "./state.ts";
import { t } from "./words.ts";

export type Stage = "kind" | "number" | "owner" | "point" | "life" | "test";

/** Which step of adding a device this is; a member's own device needs no owner. */
function progress(stage: Stage): TemplateResult {
  const stages: Stage[] = staff() ? ["kind", "number", "owner", "point", "life", "test"] : ["kind", "number", "point", "life", "test"];
  const at = stages.indexOf(stage);
  return html`<p class="pairing-progress">
    <span>${t("stepOf", { n: at + 1, all: stages.length })}</span>
    <span class="pairing-bars" aria-hidden="true">${stages.map((_, n) => html`<span class=${n <= at ? "on" : ""}></span>`)}</span>
  </p>`;
}

export function frame(title: unknown, back: () => void, body: unknown, foot: unknown, stage: Stage | null = null): TemplateResult {
  return html`<header class="pairing-head">
      <h2 data-heading tabindex="-1">${title}</h2>
      <button type="button" class="button" data-test="pairing-back" @click=${back}>${t("back")}</button>
    </header>
    <div class="pairing-scroll">
      ${stage && screen.fresh ? progress(stage) : nothing} ${body}
    </div>
    <footer class="pairing-foot">
      <p class="problem trouble" role="alert" data-test="pairing-problem">${screen.problem || nothing}</p>
      ${foot === nothing ? nothing : html`<div class="pairing-acts">${foot}</div>`}
    </footer>`;
}
