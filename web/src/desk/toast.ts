/** A short word over the page that moves nothing and goes by itself. */
import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "./icons";
import { changed } from "./state";
import { say } from "./words";

interface Toast { text: string; tone: "calm" | "warn" }
let now: Toast | null = null;
let timer = 0;

export function toast(text: string, tone: Toast["tone"] = "calm"): void {
  now = { text, tone };
  window.clearTimeout(timer);
  timer = window.setTimeout(dismiss, tone === "warn" ? 12_000 : 5_000);
  changed();
}

function dismiss(): void {
  now = null;
  changed();
}

export function toasts(): TemplateResult {
  return html`<div class="toasts" role="status" data-test="toast">
    ${now ? html`<div class="toast ${now.tone}"><span>${now.text}</span><button class="button" aria-label=${say("dismiss")} @click=${dismiss}>${icon("close")}</button></div>` : nothing}
  </div>`;
}
