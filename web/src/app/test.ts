/** A test: the same way as an alarm, through the outbox to the center, and never an alarm. */
import { html, nothing, type TemplateResult } from "lit-html";
import { draw } from "./draw.ts";
import { onNews, post } from "./outbox.ts";
import { isoTime } from "./signal.ts";
import { t } from "./words.ts";

let uuid = "";
let since = 0;
let state: "" | "testing" | "waiting" | "done" | "failed" = "";
let center = "";
let seconds = "";

function sendTest(): void {
  since = performance.now();
  state = "testing";
  uuid = post({ kind: "test", at: isoTime() });
  draw();
}

onNews((news) => {
  if (news.what === "unreachable" && state === "testing") state = "waiting";
  if ((news.what === "accepted" || news.what === "dropped") && news.entry.uuid === uuid) {
    state = news.what === "accepted" ? "done" : "failed";
    center = news.what === "accepted" ? (news.answer?.center ?? "") : "";
    seconds = ((performance.now() - since) / 1000).toFixed(1);
  }
});

export function testSection(): TemplateResult {
  const words = {
    "": nothing,
    testing: t("testing"),
    waiting: t("testWaiting"),
    done: center ? t("testDoneAt", { center, seconds }) : t("testDone", { seconds }),
    failed: t("testFailed"),
  };
  return html`<section>
    <h2>${t("testTitle")}</h2>
    <p class="soft">${t("testWhy")}</p>
    <button type="button" class="button" data-test="test" ?disabled=${state === "testing"} @click=${sendTest}>${t("testSend")}</button>
    <p class="outcome" role="status" data-test="test-result" data-state=${state}>${words[state]}</p>
  </section>`;
}
