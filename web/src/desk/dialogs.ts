/**
 * The dialogs of the verbs. The page's own <dialog> keeps the focus inside and closes on Escape. Each is a form:
 * what it says goes to the server as it is, and a refusal is shown where the officer looks.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { age, stopwatch } from "./clock";
import { api } from "./api";
import { icon } from "./icons";
import { act, explain, groups } from "./incidents";
import { who } from "./notify";
import { helpDialog, settingsDialog } from "./settings";
import { centerName, changed, desk, known, type Dialog } from "./state";
import { toast } from "./toast";
import { marked } from "../drill/mark";
import { kindName, say, type Word } from "./words";
import { KINDS, OUTCOMES, type DispatchKind, type Incident, type Responder } from "./types";

const DISPATCHED = ["responder", "unit", "security", "police"] as const;
let kind: DispatchKind = "responder";
let responders: Responder[] | null = null;
let respondersOf = "";
let drawn: Dialog | null = null;

export function dismiss(): void {
  desk.dialog = null;
  changed();
}

async function fetchResponders(center: string): Promise<void> {
  if (respondersOf !== center) responders = null;
  respondersOf = center;
  try {
    responders = await api.responders(center);
  } catch (trouble) {
    responders = [];
    desk.trouble = explain(trouble);
  }
  changed();
}

/** Send a form's words as a verb; stay open and say why if it was refused. */
function sends(incident: Incident, verb: string, body: (form: FormData) => object | string) {
  return async (event: Event): Promise<void> => {
    event.preventDefault();
    const said = body(new FormData(event.target as HTMLFormElement));
    if (typeof said === "string") {
      desk.trouble = said;
      changed();
      return;
    }
    if (await act(incident.id, verb, said)) {
      dismiss();
      toast(say("done"));
    }
  };
}

const text = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();
const need = (value: string, word: Word): string => (value ? "" : say("fill_first", { field: say(word) }));

function frame(title: string, ask: Word, fields: unknown, submit: (event: Event) => Promise<void>, tone = "accent"): TemplateResult {
  return html`<form class="dialog-form" novalidate @submit=${submit}>
    <header><h2 id="dialog-title">${title}</h2></header>
    <div class="dialog-body">${fields}</div>
    <footer>
      <p class="trouble" role="alert" data-test="dialog-problem">${desk.trouble ?? nothing}</p>
      <button type="button" class="button" data-test="cancel" @click=${dismiss}>${say("cancel")}</button>
      <button type="submit" class="button ${tone}" data-test="confirm" aria-disabled=${desk.busy !== null}>${say(ask)}</button>
    </footer>
  </form>`;
}

function area(name: string, label: string, test: string, focus = false, hint = ""): TemplateResult {
  return html`<label class="field"><span>${label}</span>
    <textarea name=${name} rows="3" maxlength="2000" data-test=${test} ?autofocus=${focus} placeholder=${hint}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) (event.target as HTMLTextAreaElement).form?.requestSubmit();
      }}></textarea>
  </label>`;
}

interface Choice { value: string; label: unknown; more?: unknown; picture?: string; test: string; checked?: boolean }

function choices(name: string, label: string, test: string, items: Choice[], focus: boolean, pick?: (value: string) => void): TemplateResult {
  return html`<fieldset class="choices c-${name}" data-test=${test}>
    <legend class=${name === "responder" || name === "center" ? "" : "hidden"}>${label}</legend>
    ${items.map(
      (each, index) => html`<label class="choice" data-test=${each.test}>
        <input type="radio" name=${name} value=${each.value} ?checked=${each.checked ?? false} ?autofocus=${focus && index === 0} @change=${() => pick?.(each.value)} />
        ${each.picture ? icon(each.picture) : nothing}
        <span class="choice-text"><strong>${each.label}</strong>${each.more ? html`<span class="soft">${each.more}</span>` : nothing}</span>
      </label>`,
    )}
  </fieldset>`;
}

function dispatchDialog(incident: Incident): TemplateResult {
  const kinds = DISPATCHED.filter((each) => !(incident.drill && (each === "police" || each === "security")));
  const named = kind === "responder" || kind === "unit";
  const list = (responders ?? []).filter((each) => each.kind === kind);
  const gone = new Set(incident.dispatches.filter((each) => each.state !== "done").map((each) => each.responder));
  return frame(
    say("dispatch_title", { n: incident.id }),
    "dispatch_do",
    html`
      <fieldset class="segments" data-test="dispatch-kind">
        <legend class="hidden">${say("to_whom")}</legend>
        ${kinds.map(
          (each) => html`<label class="segment" data-test=${`dispatch-kind-${each}`}>
            <input type="radio" name="kind" value=${each} ?checked=${kind === each} ?autofocus=${kind === each} @change=${() => {
              kind = each;
              desk.trouble = null;
              changed();
            }} /><span>${say(`to_${each}` as const)}</span>
          </label>`,
        )}
      </fieldset>
      <div class="dispatch-whom">
        ${named
          ? responders === null
            ? html`<p class="soft">${say("loading")}</p>`
            : list.length === 0
              ? html`<p class="soft" data-test="dispatch-to">${say("no_responders")}</p>`
              : keyed(kind, choices("responder", say("to_whom"), "dispatch-to", list.map((each) => ({
                  value: String(each.id),
                  label: each.name,
                  more: [each.phone, gone.has(each.id) ? say("already_sent") : null].filter(Boolean).join(" · "),
                  test: `dispatch-to-${each.id}`,
                })), false))
          : keyed(kind, html`<label class="field"><span>${say("to_whom")}</span>
              <input name="to" data-test="dispatch-to" autocomplete="off" maxlength="200" value=${kind === "police" ? "SAPS 10111" : ""} placeholder=${say(kind === "police" ? "to_police_hint" : "to_security_hint")} />
              <span class="soft">${say(kind === "police" ? "to_police_hint" : "to_security_hint")}</span>
            </label>`)}
      </div>
    `,
    sends(incident, "dispatch", (form) => {
      if (!named) return need(text(form, "to"), "to_whom") || { kind, to: text(form, "to") };
      const responder = text(form, "responder");
      return responder ? { kind, responder: Number(responder) } : say("choose_first");
    }),
  );
}

function reasonDialog(incident: Incident, verb: string, title: Word, ask: Word, why: Word | null, required: boolean, field: "reason" | "text"): TemplateResult {
  return frame(
    say(title, { n: incident.id }),
    ask,
    html`${why ? html`<p>${say(why)}</p>` : nothing}
    ${area(field, required ? say("reason") : `${say("close_words")}${say("optional")}`, "reason", true)}`,
    sends(incident, verb, (form) => (required && need(text(form, field), "reason")) || { [field]: text(form, field) }),
  );
}

type Asked = Extract<Dialog, { incident: number }>;

function incidentDialog(asked: Asked): TemplateResult | typeof nothing {
  const incident = known(asked.incident);
  if (!incident) return nothing;
  const n = incident.id;
  switch (asked.name) {
    case "dispatch":
      return dispatchDialog(incident);
    case "note":
      return frame(say("note_title", { n }), "note_do", area("text", say("note_label"), "note-text", true, say("note_hint")),
        sends(incident, "note", (form) => need(text(form, "text"), "note_label") || { text: text(form, "text") }));
    case "close":
      return frame(say("close_title", { n }), "close_do", html`
        ${choices("outcome", say("close_title", { n }), "outcome", OUTCOMES.filter((each) => !incident.drill || each === "drill").map((each) => ({
          value: each, label: say(`outcome_${each}`), more: say(`outcome_${each}_why`), test: `outcome-${each}`, checked: incident.drill,
        })), true)}
        ${area("text", `${say("close_words")}${say("optional")}`, "close-text")}`,
        sends(incident, "close", (form) => {
          const outcome = text(form, "outcome");
          return outcome ? { outcome, text: text(form, "text") } : say("choose_first");
        }));
    case "release":
      return reasonDialog(incident, "release", "release_title", "release_do", "release_why", true, "reason");
    case "reopen":
      return reasonDialog(incident, "reopen", "reopen_title", "reopen_do", null, true, "reason");
    case "resolve":
      return reasonDialog(incident, "resolve", "resolve_title", "resolve_do", null, false, "text");
    case "hand-over":
      return frame(say("hand_over_title", { n }), "hand_over_do", html`
        ${choices("center", say("center"), "hand-over-center", desk.centers.filter((each) => each.code !== incident.center).map((each) => ({
          value: each.code, label: centerName(each.code), test: `hand-over-${each.code}`,
        })), true)}
        ${area("reason", say("reason"), "reason")}`,
        sends(incident, "hand-over", (form) => {
          const center = text(form, "center");
          return center ? need(text(form, "reason"), "reason") || { center, reason: text(form, "reason") } : say("choose_first");
        }));
    case "merge": {
      const { waiting, inHand } = groups();
      const others = [...waiting, ...inHand].filter((each) => each.id !== incident.id && each.drill === incident.drill);
      return frame(say("merge_title", { n }), "merge_do",
        others.length === 0
          ? html`<p>${say("merge_none")}</p>`
          : choices("into", say("incident"), "merge-into", others.map((each) => ({
              value: String(each.id), label: `${each.id} · ${kindName(each.alarm)}`, picture: each.alarm,
              more: `${marked(each, who(each))} · ${stopwatch(age(each.opened_at))}`, test: `merge-${each.id}`,
            })), true),
        sends(incident, "merge", (form) => {
          const into = text(form, "into");
          return into ? { into: Number(into) } : say("choose_first");
        }));
    }
    case "classify":
      return frame(say("classify_title", { n }), "classify_do",
        choices("alarm", say("classify"), "classify-kind", KINDS.map((each) => ({
          value: each, label: kindName(each), picture: each, test: `classify-${each}`, checked: each === incident.alarm,
        })), true),
        sends(incident, "classify", (form) => ({ alarm: text(form, "alarm") })));
  }
}

export function dialogContent(): TemplateResult | typeof nothing {
  const asked = desk.dialog;
  if (!asked) return nothing;
  if (asked.name === "help") return helpDialog(dismiss);
  if (asked.name === "settings") return settingsDialog(dismiss);
  return html`${keyed(asked, incidentDialog(asked as Asked))}`;
}

/** After drawing: show or close the page's one <dialog>, and put the focus where the hand will go. */
export function settle(element: HTMLDialogElement): void {
  if (desk.dialog === drawn) return;
  const before = drawn;
  drawn = desk.dialog;
  if (!drawn) {
    element.close();
    desk.trouble = null;
    kind = "responder";
    return;
  }
  element.className = `d-${drawn.name}`;
  if (!before) element.showModal();
  if (drawn.name === "dispatch") void fetchResponders(desk.center);
  (element.querySelector<HTMLElement>("[autofocus]") ?? element.querySelector<HTMLElement>("button"))?.focus();
}

