/** What tells a drill from an alarm: a word before everything that is said of it, and a striped edge. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Incident } from "../desk/types";
import { t } from "./words";

/** The class of its stripe. */
export const stripe = (incident: Incident): string => (incident.drill ? "drilled" : "");

/** A text that is read without its surroundings: a notification, an announcement. */
export const marked = (incident: Incident, text: string): string => (incident.drill ? t("before", { text }) : text);

export const mark = (incident: Incident): TemplateResult | typeof nothing =>
  incident.drill ? html`<span class="drill-word" data-test="drill">${t("drill")}</span> ` : nothing;

/** What waits, if it is a drill and nothing else. */
export const only = (waiting: Incident[], text: string): string => (waiting.length > 0 && waiting.every((each) => each.drill) ? t("only", { text }) : text);
