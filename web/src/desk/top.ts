/** The bar at the top: which center, what time it is there, and the ways to the other pages. */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { now, wall } from "./clock";
import { icon } from "./icons";
import { mayPair } from "./devices";
import { whoIsOn } from "./roster";
import { centerName, changed, desk, zone } from "./state";
import { say, type Word } from "./words";

export interface TopDoes {
  center(code: string): void;
  language(): void;
  call(): void;
  book(): void;
  devices(): void;
  signOut(): void;
}

function tool(name: string, word: Word, pressed: boolean, click: () => void): TemplateResult {
  return html`<button class="tool" data-test=${name} aria-pressed=${pressed ? "true" : "false"} title=${say(word)} @click=${click}>
    ${icon(name === "open-call" ? "phone" : name === "settings" ? "gear" : name === "devices" ? "device" : name)}<span class="tool-word">${say(word)}</span>
  </button>`;
}

export function top(does: TopDoes): TemplateResult {
  const time = wall(now(), zone());
  const centers = desk.me?.centers ?? [];
  return html`
    <span class="brand"><span class="brand-mark" aria-hidden="true">${icon("bell")}</span><span class="brand-word">${say("brand")}</span></span>
    ${centers.length > 1
      ? html`<label class="center-choice"
          ><span class="hidden">${say("center")}</span>
          <select data-test="center" .value=${live(desk.center)} @change=${(event: Event) => does.center((event.target as HTMLSelectElement).value)}>
            ${centers.map((each) => html`<option value=${each.code} ?selected=${each.code === desk.center}>${centerName(each.code)}</option>`)}
          </select></label
        >`
      : html`<span class="center-name" data-test="center">${centerName(desk.center)}</span>`}
    ${desk.me?.demo ? html`<span class="badge warn">${say("demo")}</span>` : nothing}
    <span class="wall" title=${`${say("local_time")} · ${time.date}`} aria-hidden="true">${time.time}<span class="wall-offset">${time.offset}</span></span>
    ${whoIsOn()}
    <span class="tools">
      ${tool("open-call", "open_call", desk.view === "call", does.call)} ${tool("book", "book", desk.view === "book", does.book)}
      ${mayPair() ? tool("devices", "devices", desk.view === "devices", does.devices) : nothing}
      ${tool("settings", "settings", false, () => {
        desk.dialog = { name: "settings" };
        changed();
      })}
      ${tool("help", "help", false, () => {
        desk.dialog = { name: "help" };
        changed();
      })}
      <button class="tool language" data-test="language" aria-label=${say("other_language_label")} @click=${does.language}>${say("other_language")}</button>
      <button class="tool" data-test="sign-out" title=${say("sign_out")} @click=${does.signOut}>${icon("out")}<span class="tool-word">${say("sign_out")}</span></button>
    </span>
  `;
}
