/** The roster on the desk: loaded when it is first opened. */
import { html, type TemplateResult } from "lit-html";
import { calendarView, newShiftView, noteView, patternsView, patternView, shiftView } from "./forms.ts";
import { closeScreen, look, openScreen, otherCenter, screen } from "./state.ts";
import { weekView } from "./week.ts";

export { closeScreen, look, openScreen, otherCenter };

function now(): TemplateResult {
  const { view } = screen;
  if (view.name === "week") return weekView();
  if (view.name === "patterns") return patternsView();
  if (view.name === "pattern") return patternView(view);
  if (view.name === "new") return newShiftView(view);
  if (view.name === "shift") return shiftView(view);
  return view.name === "note" ? noteView() : calendarView();
}

export function rosterScreen(): TemplateResult {
  return html`<div class="roster" data-test="roster" data-view=${screen.view.name}>${now()}</div>`;
}
