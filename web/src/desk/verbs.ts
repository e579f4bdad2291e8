/** The verbs the server says are possible now, as buttons; most open a dialog, claiming never does. */
import { html, nothing, type TemplateResult } from "lit-html";
import { act, open } from "./incidents";
import { icon } from "./icons";
import { toast } from "./toast";
import { changed, desk, known, type Dialog } from "./state";
import { say, type Word } from "./words";
import type { Incident } from "./types";

type Asked = Extract<Dialog, { incident: number }>["name"];

export async function claim(id: number): Promise<void> {
  open(id);
  if (await act(id, "claim")) toast(say("done_claim", { n: id }), "calm");
}

/** Open the dialog of a verb, if the server allows it for this incident now. */
export function begin(verb: Asked, id: number | null): void {
  const incident = known(id);
  if (!incident || !incident.verbs.includes(verb)) return;
  if (desk.selected !== incident.id || desk.view !== "incident") open(incident.id);
  desk.trouble = null;
  desk.dialog = { name: verb, incident: incident.id };
  changed();
}

const buttons: { verb: Asked; word: Word; tone: string; picture: string; key?: string }[] = [
  { verb: "dispatch", word: "dispatch", tone: "accent", picture: "send", key: "d" },
  { verb: "note", word: "note", tone: "", picture: "", key: "n" },
  { verb: "resolve", word: "resolve", tone: "", picture: "", key: "r" },
  { verb: "close", word: "close", tone: "", picture: "", key: "x" },
  { verb: "reopen", word: "reopen", tone: "accent", picture: "bell" },
];
const rare: { verb: Asked; word: Word }[] = [
  { verb: "hand-over", word: "hand_over" },
  { verb: "release", word: "release" },
  { verb: "merge", word: "merge" },
];

export function verbs(incident: Incident): TemplateResult {
  const can = new Set(incident.verbs);
  const busy = desk.busy !== null;
  return html`<div class="verbs" role="group" aria-label=${say("incident")}>
    ${can.has("claim")
      ? html`<button class="button alarm huge" data-test="claim" aria-keyshortcuts="c" aria-disabled=${busy} @click=${() => void claim(incident.id)}>
          ${icon("check")} ${say("claim_long")} <kbd>C</kbd>
        </button>`
      : nothing}
    <div class="verb-row">
      ${buttons
        .filter((each) => can.has(each.verb))
        .map(
          (each) => html`<button
            class="button ${each.tone}"
            data-test=${each.verb}
            aria-keyshortcuts=${each.key ?? ""}
            aria-disabled=${busy}
            @click=${() => begin(each.verb, incident.id)}
          >
            ${each.tone ? icon(each.picture) : nothing} ${say(each.word)} ${each.key ? html`<kbd>${each.key.toUpperCase()}</kbd>` : nothing}
          </button>`,
        )}
      ${can.has("mark") && ["claimed", "dispatched"].includes(incident.state)
        ? html`<button class="button" data-test="mark-on-scene" aria-disabled=${busy} @click=${() => void act(incident.id, "mark", { state: "on_scene" })}>
            ${say("mark_scene")}
          </button>`
        : nothing}
      ${rare
        .filter((each) => can.has(each.verb))
        .map(
          (each) => html`<button class="button quiet" data-test=${each.verb} aria-disabled=${busy} @click=${() => begin(each.verb, incident.id)}>${say(each.word)}</button>`,
        )}
      ${can.has("unmerge")
        ? html`<button class="button quiet" data-test="unmerge" aria-disabled=${busy} @click=${() => void act(incident.id, "unmerge")}>${say("unmerge")}</button>`
        : nothing}
      ${can.size === 0 ? html`<p class="soft">${say("only_look")}</p>` : nothing}
    </div>
    <p class="trouble" role="alert" data-test="problem">${desk.trouble && !desk.dialog ? desk.trouble : nothing}</p>
  </div>`;
}
