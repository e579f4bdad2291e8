/** A phone call becomes an incident: kind, caller, where. Beside the map, so that the place can be pointed at. */
import { html, nothing, type TemplateResult } from "lit-html";
import { api } from "./api";
import { icon } from "./icons";
import { explain, keep, open } from "./incidents";
import { pickOnMap } from "./map";
import { coordinates } from "./queue";
import { changed, desk } from "./state";
import { kindName, say } from "./words";
import { KINDS } from "./types";

let sending = false;
let trouble: string | null = null;

export function toCall(): void {
  desk.view = "call";
  desk.pane = "panel";
  desk.picking = false;
  trouble = null;
  changed();
  queueMicrotask(() => window.setTimeout(() => document.querySelector<HTMLElement>("#call input")?.focus()));
}

export function leaveCall(): void {
  pickOnMap(null);
  desk.view = "incident";
  changed();
}

function pick(): void {
  desk.pane = "map";
  pickOnMap((lat, lon) => {
    const field = document.querySelector<HTMLInputElement>("#call [name=position]");
    if (field) field.value = coordinates(lat, lon);
    desk.pane = "panel";
    changed();
  });
}

export function readPosition(text: string): { lat: number; lon: number } | null {
  const found = text.trim().match(/^(-?\d{1,2}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)$/);
  if (!found) return null;
  const [lat, lon] = [Number(found[1]), Number(found[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

async function submit(event: Event): Promise<void> {
  event.preventDefault();
  if (sending) return;
  const form = new FormData(event.target as HTMLFormElement);
  const text = (name: string): string | undefined => String(form.get(name) ?? "").trim() || undefined;
  const where = text("position");
  const position = where ? readPosition(where) : null;
  trouble = where && !position ? say("call_position_bad") : !text("alarm") ? say("choose_first") : null;
  if (trouble) return changed();
  sending = true;
  changed();
  try {
    const incident = await api.open({
      center: desk.center,
      alarm: text("alarm"),
      caller: text("caller"),
      phone: text("phone"),
      address: text("address"),
      text: text("text"),
      silent: form.get("silent") !== null,
      ...(position ? { position } : {}),
    });
    leaveCall();
    keep(incident);
    open(incident.id);
  } catch (problem) {
    trouble = explain(problem);
  } finally {
    sending = false;
    changed();
  }
}

function field(name: string, label: string, type = "text", hint = ""): TemplateResult {
  return html`<label class="field"><span>${label}</span><input name=${name} type=${type} data-test=${`call-${name}`} autocomplete="off" maxlength="300" placeholder=${hint} /></label>`;
}

export function callPanel(): TemplateResult {
  return html`<form id="call" class="call" novalidate data-test="call-form" @submit=${submit}>
    <header class="page-head"><h2>${say("call_title")}</h2></header>
    <div class="call-body">
      <fieldset class="choices c-kinds" data-test="call-kind">
        <legend>${say("call_kind")}</legend>
        ${KINDS.map(
          (each) => html`<label class="choice" data-test=${`call-kind-${each}`}><input type="radio" name="alarm" value=${each} />${icon(each)}<span class="choice-text"><strong>${kindName(each)}</strong></span></label>`,
        )}
      </fieldset>
      <div class="call-two">${field("caller", say("call_caller"))} ${field("phone", say("call_phone"), "tel")}</div>
      ${field("address", say("call_where"), "text", say("call_where_hint"))}
      <div class="call-position">
        ${field("position", say("call_position"), "text", say("call_position_hint"))}
        <button type="button" class="button" data-test="call-pick" aria-pressed=${desk.picking ? "true" : "false"} @click=${pick}>${icon("pin")} ${say("call_pick")}</button>
      </div>
      <label class="field"><span>${say("call_text")}</span><textarea name="text" rows="3" maxlength="2000" data-test="call-text"></textarea></label>
      <label class="check"><input type="checkbox" name="silent" data-test="call-silent" /> ${say("call_silent")}</label>
    </div>
    <footer class="call-foot">
      <p class="trouble" role="alert" data-test="problem">${trouble ?? nothing}</p>
      <button type="button" class="button" data-test="cancel" @click=${leaveCall}>${say("cancel")}</button>
      <button type="submit" class="button alarm" data-test="confirm" ?disabled=${sending}>${say("call_do")}</button>
    </footer>
  </form>`;
}
