/** Why a message did not arrive: a word of ours that one can act on, and the channel's own words behind it. */
import { html, type TemplateResult } from "lit-html";
import "./told.css";
import { t, type Word } from "./words.ts";

/** `what`: said before the reason, such as "failed". */
export function whyNot(why: string, error: string, what = ""): TemplateResult {
  const said = why ? t(`why_${why}` as Word) : t("is_failed");
  return html`<details class="why-not" data-test="why" data-why=${why}><summary>${what ? `${what} · ${said}` : said}</summary><code translate="no">${error}</code></details>`;
}
