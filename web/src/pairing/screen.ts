/** The devices screen, the same on the desk and in the app: loaded when it is first opened. */
import { html, nothing, type TemplateResult } from "lit-html";
import "./pairing.css";
import { aboutView } from "./about.ts";
import { addView } from "./add.ts";
import { frame } from "./frame.ts";
import { lifeView } from "./life.ts";
import { listView } from "./list.ts";
import { forgetOwner } from "./owner.ts";
import { pointView } from "./point.ts";
import { closeScreen, openScreen, refetch, screen, show, staff } from "./state.ts";
import { testView, worksView } from "./trial.ts";
import type { Detail } from "./types.ts";
import { t } from "./words.ts";

export { closeScreen, openScreen, refetch };

/** Another center is watched: its own devices and people. */
export function otherCenter(): void {
  forgetOwner();
  screen.devices = null;
  show({ name: "list" });
}

const parts: Record<string, (device: Detail) => TemplateResult> = { about: aboutView, point: pointView, life: lifeView, test: testView, works: worksView };

function now(): TemplateResult {
  const { view, detail } = screen;
  if (view.name === "list") return listView();
  if (view.name === "add") return addView(view.step);
  if (!detail || detail.id !== view.id) return frame(t("devices"), () => show({ name: "list" }), html`<p class="soft">${t("loading")}</p>`, nothing);
  return parts[view.part]!(detail);
}

export function devicesScreen(): TemplateResult {
  return html`<div class="pairing ${staff() ? "" : "big"}">${now()}</div>`;
}
