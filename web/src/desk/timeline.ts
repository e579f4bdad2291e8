/** The timeline is the book: its entries about one incident, in the center's own time. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { wall } from "./clock";
import { centerName, zone } from "./state";
import { say } from "./words";
import type { Entry } from "./types";

export function entryText(entry: Entry): string {
  const text = entry.text || entry.kind;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function timeline(entries: Entry[], owner: string): TemplateResult {
  if (entries.length === 0) return html`<p class="soft">${say("timeline_empty")}</p>`;
  return html`<ol class="timeline" data-test="timeline">
    ${repeat(
      entries,
      (each) => `${each.center}-${each.number}`,
      (each) => {
        const at = wall(each.at, zone());
        return html`<li class="entry k-${each.kind}" data-test=${`entry-${each.kind}`}>
          <time datetime=${each.at}><span class="entry-time">${at.time}</span><span class="entry-offset">${at.date} ${at.offset}</span></time>
          <div class="entry-what">
            <p>${entryText(each)}</p>
            ${each.note ? html`<p class="entry-note">${each.note}</p>` : nothing}
            <p class="entry-by">
              ${each.actor?.name ? html`${each.actor.name} · ` : nothing}${each.center === owner ? nothing : html`${centerName(each.center)} · `}${say("entry_number", { n: each.number })}
            </p>
          </div>
        </li>`;
      },
    )}
  </ol>`;
}
