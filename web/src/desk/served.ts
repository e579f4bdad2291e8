/** The desk's own look at whether alarms are served: the clock, the courier, and each step that is due. */
import { html, nothing, type TemplateResult } from "lit-html";
import { now, stopwatch } from "./clock";
import { icon } from "./icons";
import { fetchOne, groups } from "./incidents";
import { changed } from "./state";
import { say } from "./words";
import type { Incident } from "./types";

const LATE = 10; // seconds
const silent = { clock: false, courier: false };
let overdue = new Set<number>();

function lateness(incident: Incident): number {
  return incident.escalation?.due ? Math.floor((now() - Date.parse(incident.escalation.due)) / 1000) : 0;
}

/** Every few seconds. A step may be done without an entry in the book, so what looks late is read anew first. */
export async function lookWhetherServed(): Promise<void> {
  const late = groups().waiting.filter((each) => lateness(each) > LATE).map((each) => each.id);
  await Promise.all(late.slice(0, 20).map((id) => fetchOne(id)));
  overdue = new Set(late);
  const response = await fetch("/health", { cache: "no-store" });
  const said = (await response.json()) as Record<"clock" | "courier", { age: number | null } | undefined>;
  for (const name of ["clock", "courier"] as const) {
    const age = said[name]?.age;
    silent[name] = said[name] !== undefined && (age == null || age > LATE);
  }
  changed();
}

export function unserved(): TemplateResult | typeof nothing {
  const worst = groups().waiting.filter((each) => overdue.has(each.id) && lateness(each) > LATE).sort((a, b) => lateness(b) - lateness(a))[0];
  const lines = [
    worst ? say("unserved_step", { n: worst.id, time: stopwatch(lateness(worst)) }) : "",
    silent.clock ? say("unserved_clock") : "",
    silent.courier ? say("unserved_courier") : "",
  ].filter(Boolean);
  if (lines.length === 0) return nothing;
  return html`<div class="unserved" role="alert" data-test="unserved">
    <span class="lamp-icon">${icon("other")}</span>
    <div>${lines.map((line) => html`<p>${line}</p>`)}</div>
  </div>`;
}
