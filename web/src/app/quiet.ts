/** The screen of a silent alarm: a page of safety tips. How far the alarm has come is told by ticks; everything else lies behind "more". */
import { html, type TemplateResult } from "lit-html";
import { clockTime } from "../i18n.ts";
import { dismiss, type Running, step } from "./alarm.ts";
import { draw } from "./draw.ts";
import { runningScreen } from "./running.ts";
import { t } from "./words.ts";

let opened = false;

const TICKS = { queued: "·", received: "✓", seen: "✓✓", on_the_way: "✓✓✓", on_scene: "✓✓✓", closed: "" };

export function quietScreen(alarm: Running): TemplateResult {
  const toggle = () => {
    opened = !opened;
    draw();
  };
  if (opened && step(alarm) !== "closed") {
    return html`<header class="top"><button type="button" class="plain" data-test="less" @click=${toggle}>‹ ${t("back")}</button></header>
      ${runningScreen(alarm)}`;
  }
  const now = step(alarm);
  const leave = () => {
    opened = false;
    void dismiss();
  };
  return html`<header class="top"><strong class="brand">${t("tips")}</strong></header>
    <main class="tips">
      <ul>
        ${[t("tip1"), t("tip2"), t("tip3"), t("tip4"), t("tip5")].map((tip) => html`<li>${tip}</li>`)}
      </ul>
      <button type="button" class="plain" data-test="more" @click=${now === "closed" ? leave : toggle}>
        <span data-test="state" data-state=${now}>${t("updated", { time: clockTime(alarm.pressedAt), ticks: TICKS[now] })}</span>
        <span>${t("more")}</span>
      </button>
    </main>`;
}
