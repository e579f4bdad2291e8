/** One device: how it is doing, and what can be done with it. */
import { html, nothing, type TemplateResult } from "lit-html";
import { frame } from "./frame.ts";
import { icon, picture } from "./icons.ts";
import { doing, marks } from "./list.ts";
import { act, called, changed, moment, screen, show, staff, type Part } from "./state.ts";
import type { Detail } from "./types.ts";
import { t } from "./words.ts";

const QUIET = [300, 900, 1800, 3600, 4 * 3600, 12 * 3600, 86_400, 3 * 86_400];
const asking = { of: 0, what: "" as "" | "rename" | "revoke" };

function ask(device: Detail, what: typeof asking.what): void {
  Object.assign(asking, { of: device.id, what });
  screen.problem = screen.notice = "";
  changed();
  setTimeout(() => document.querySelector<HTMLElement>(".pairing-asking input, .pairing-asking button")?.focus());
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div class="pairing-fact"><dt>${name}</dt><dd>${value}</dd></div>`;
}

function span(seconds: number): string {
  if (seconds < 3600) return t("minutes", { n: Math.round(seconds / 60) });
  return seconds < 86_400 ? t("hours", { n: Math.round(seconds / 3600) }) : t("days", { n: Math.round(seconds / 86_400) });
}

function quiet(device: Detail): TemplateResult {
  const every = device.heartbeat_every;
  const offered = [...new Set([...QUIET, ...(every ? [every] : [])])].sort((a, b) => a - b);
  return html`<label class="field"><span>${t("quiet")}</span>
    <select data-test="expect" ?disabled=${screen.busy} @change=${(event: Event) => {
      const value = (event.target as HTMLSelectElement).value;
      void act(device.id, "expect", { every: value ? Number(value) : null }).then((done) => {
        if (done) screen.notice = t("saved");
        changed();
      });
    }}>
      <option value="" ?selected=${every === null}>${t("quietNever")}</option>
      ${offered.map((each) => html`<option value=${each} ?selected=${each === every}>${span(each)}</option>`)}
    </select>
    <span class="soft">${t("quietWhy")}</span></label>`;
}

function tested(device: Detail): string {
  if (!device.tested_at) return t("untested");
  const time = moment(device.tested_at);
  return device.tested_after === null ? t("testTookUnknown", { time }) : t("testTook", { time, n: device.tested_after.toFixed(1) });
}

function renaming(device: Detail): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get("name")).trim();
    void act(device.id, "rename", { name }).then((done) => done && ask(device, ""));
  };
  return html`<form class="pairing-asking" @submit=${send}>
    <label class="field"><span>${t("name")}</span><input name="name" data-test="rename-name" maxlength="80" autocomplete="off" .value=${device.name} placeholder=${t("nameExample")} /></label>
    <div class="pairing-does">
      <button class="button accent button-main" data-test="rename-save" ?disabled=${screen.busy}>${t("save")}</button>
      <button type="button" class="button" @click=${() => ask(device, "")}>${t("cancel")}</button>
    </div>
  </form>`;
}

function revoking(device: Detail): TemplateResult {
  return html`<div class="pairing-asking" role="alert">
    <p>${t("revokeSure")}</p>
    <div class="pairing-does">
      <button type="button" class="button" data-test="revoke-no" @click=${() => ask(device, "")}>${t("keep")}</button>
      <button type="button" class="button alarm button-alarm" data-test="revoke-yes" ?disabled=${screen.busy} @click=${() => {
        Object.assign(asking, { of: 0, what: "" });
        void act(device.id, "revoke");
      }}>${t("revokeYes")}</button>
    </div>
  </div>`;
}

export function aboutView(device: Detail): TemplateResult {
  const to = (part: Part) => () => show({ name: "device", id: device.id, part });
  const what = asking.of === device.id ? asking.what : "";
  return frame(
    html`<span translate="no">${called(device)}</span>`,
    () => show({ name: "list" }),
    html`<div class="pairing-status ${device.state}" data-test="device-state" data-state=${device.state}>
        <span class="pairing-picture">${picture(device.protocol)}</span>
        <span class="pairing-what">
          <strong>${icon(device.state === "ok" ? "check" : device.state === "waiting" ? "wait" : "warn")} ${doing(device)}</strong>
          <span class="pairing-marks">${marks(device)}</span>
        </span>
      </div>
      <div class="pairing-does">
        ${device.heard_at
          ? html`<button type="button" class="button accent button-main" data-test="try" @click=${to("test")}>${t("tryIt")}</button>
              <button type="button" class="button" data-test="how" @click=${to("point")}>${t("pointAgain")}</button>`
          : html`<button type="button" class="button accent button-main" data-test="how" @click=${to("point")}>${t("pointAgain")}</button>
              <button type="button" class="button" data-test="wait" @click=${to("life")}>${t("stepLife")}</button>`}
      </div>
      <dl class="pairing-facts">
        ${staff() && device.owner ? fact(t("owner"), html`<span translate="no">${device.owner.name}${device.owner.phone ? html` · ${device.owner.phone}` : nothing}</span>`) : nothing}
        ${fact(t("kind"), device.title)} ${fact(t("number"), html`<span class="digits" translate="no">${device.identifier}</span>`)}
        ${device.sim ? fact(t("simNumber"), html`<span class="digits" translate="no">${device.sim}</span>`) : nothing}
        ${fact(t("lastHeard"), device.heard_at ? moment(device.heard_at) : t("never"))}
        ${device.battery === null ? nothing : fact(t("battery"), `${Math.round(device.battery * 100)}%`)} ${fact(t("lastTest"), tested(device))}
        ${device.troubles.length ? fact(t("troubles"), device.troubles.map((each) => html`<div>${t("troubleSince", { what: each.said, time: moment(each.at) })}</div>`)) : nothing}
      </dl>
      ${staff() ? quiet(device) : nothing}
      <p class="pairing-says" role="status">${screen.notice ? html`<span class="good">${screen.notice}</span>` : nothing}</p>
      ${what === "rename" ? renaming(device) : what === "revoke" ? revoking(device) : nothing}`,
    what
      ? nothing
      : html`<button type="button" class="button" data-test="rename" @click=${() => ask(device, "rename")}>${t("rename")}</button>
          <button type="button" class="button" data-test="revoke" @click=${() => ask(device, "revoke")}>${t("revoke")}</button>`,
  );
}

