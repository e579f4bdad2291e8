/** One test press: it rings nowhere, and at its end stands "it works". */
import { html, nothing, type TemplateResult } from "lit-html";
import { frame } from "./frame.ts";
import { icon } from "./icons.ts";
import { checks } from "./life.ts";
import { act, beginAdding, moment, now, protocolOf, READY, screen, show, stopwatch, test, TEST } from "./state.ts";
import type { Detail } from "./types.ts";
import { t } from "./words.ts";

export function testView(device: Detail): TemplateResult {
  const about = { name: "device", id: device.id } as const;
  const begun = test.device === device.id ? test.begun : 0;
  const gone = now() - begun;
  const running = begun > 0 && gone < TEST && device.testing_until !== null;
  const missed = begun > 0 && gone >= TEST;
  return frame(
    t("stepTest"),
    () => show(screen.fresh ? { ...about, part: "point" } : { ...about, part: "about" }),
    running ? pressNow(device, gone) : missed ? nothingCame(device) : before(device),
    running
      ? html`<button type="button" class="button" data-test="test-end" ?disabled=${screen.busy} @click=${() => void act(device.id, "end-test")}>${t("testEnd")}</button>`
      : html`<button type="button" class="button accent button-main" data-test="test-begin" ?disabled=${screen.busy} @click=${() => void act(device.id, "test")}>${missed ? t("testAgain") : t("testBegin")}</button>
          <button type="button" class="button" data-test="pairing-later" @click=${() => show({ name: "list" })}>${t("later")}</button>`,
    "test",
  );
}

function before(device: Detail): TemplateResult {
  return html`<div class="pairing-stage" data-test="trial" data-state="ready">
    <span class="pairing-sign good">${icon("check")}</span>
    <strong role="status">${device.heard_at ? t("alive") : t("never")}</strong>
    <p>${device.heard_at ? t("aliveAt", { time: moment(device.heard_at) }) : nothing}</p>
    <p>${t("testWhy")}</p>
  </div>`;
}

function pressNow(device: Detail, gone: number): TemplateResult {
  const ready = gone >= READY; // earlier the gates may not know of the test yet, and the press would ring
  return html`<div class="pairing-stage ${ready ? "pressing" : ""}" data-test="trial" data-state=${ready ? "press" : "wait"}>
    <span class="pairing-sign press">${icon(ready ? "press" : "wait")}</span>
    <strong class="pairing-now" role="status">${ready ? t("testNow") : t("testReady")}</strong>
    <p class="pairing-how">${protocolOf(device.protocol)?.press ?? nothing}</p>
    <p class="soft" data-test="test-left">${t("testLeft", { time: stopwatch(TEST - gone) })}</p>
  </div>`;
}

function nothingCame(device: Detail): TemplateResult {
  const protocol = protocolOf(device.protocol);
  return html`<div class="pairing-stage" data-test="trial" data-state="missed">
      <span class="pairing-sign warn">${icon("warn")}</span>
      <strong role="status">${t("testMissed")}</strong>
      <p>${t("testMissedWhy")}</p>
    </div>
    <div class="pairing-checks">
      <ul>
        <li>${t("check_press", { press: "" })}<span>${protocol?.press}</span></li>
        <li>${t("check_sos")}</li>
      </ul>
    </div>
    ${device.heard_at ? nothing : checks(device, protocol)}`;
}

export function worksView(device: Detail): TemplateResult {
  const done = (): void => show(screen.fresh ? { name: "list" } : { name: "device", id: device.id, part: "about" });
  return frame(
    t("works"),
    done,
    html`<div class="pairing-stage works" data-test="works">
        <span class="pairing-sign good big">${icon("check")}</span>
        <strong class="pairing-now" role="status">${t("works")}</strong>
        <ul class="pairing-ticks">
          ${device.heard_at ? html`<li>${t("worksHeard", { time: moment(device.heard_at) })}</li>` : nothing}
          ${device.tested_at ? html`<li data-test="works-tested">${t("worksTested", { time: moment(device.tested_at) })}</li>` : nothing}
          <li data-test="works-took">${device.tested_after === null ? t("worksTookUnknown") : t("worksTook", { n: device.tested_after.toFixed(1) })}</li>
        </ul>
        <p><strong>${t("worksWhy")}</strong></p>
      </div>`,
    html`<button type="button" class="button accent button-main" data-test="pairing-done" @click=${done}>${t("done")}</button>
      ${screen.fresh ? html`<button type="button" class="button" data-test="add-another" @click=${beginAdding}>${t("addAnother")}</button>` : nothing}`,
  );
}
