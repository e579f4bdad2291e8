/** What the settings of app and desk show about pushes: how it stands, why, and what one can do. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Push } from "./push.ts";
import { t } from "./words.ts";

/** Everything below the heading. */
export function pushControls(push: Push, why: string): TemplateResult {
  push.look();
  const { state } = push;
  const button = (test: string, label: string, act: () => Promise<void>) =>
    html`<button type="button" class="button" data-test=${test} @click=${() => void act()}>${label}</button>`;
  return html`
    <p class="soft">${why}</p>
    <p role="status" data-test="push" data-state=${state}>${state === "unknown" ? t("working") : push.tested && state === "on" ? t("tested") : t(state)}</p>
    ${state === "off" || state === "refused" || state === "unreachable" ? button("push-on", t("turnOn"), () => push.turnOn()) : nothing}
    ${
      state === "on"
        ? html`<div class="pair setting-row">
            ${button("push-test", t("test"), () => push.test())} ${button("push-off", t("turnOff"), () => push.turnOff())}
          </div>`
        : nothing
    }
  `;
}
