/** The list: what needs somebody first. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { icon, picture } from "./icons.ts";
import { age, beginAdding, called, changed, look, page, screen, show, staff } from "./state.ts";
import type { Device } from "./types.ts";
import { t } from "./words.ts";

/** One line that says how it is doing. */
export function doing(device: Device): string {
  if (device.silent_since) return t("silentSince", { age: age(device.silent_since) });
  if (!device.heard_at) return t("never");
  return device.heard_at && age(device.heard_at).match(/^[0-9] /) ? t("heardNow") : t("heard", { age: age(device.heard_at) });
}

export function marks(device: Device): TemplateResult {
  return html`${device.troubles.map((each) => html`<span class="pairing-mark warn">${each.said}</span>`)}
  ${device.testing_until ? html`<span class="pairing-mark">${t("testing")}</span>` : nothing}
  ${device.heard_at && !device.tested_at ? html`<span class="pairing-mark">${t("untested")}</span>` : nothing}`;
}

function row(device: Device): TemplateResult {
  const low = device.battery !== null && device.battery < 0.2;
  return html`<li>
    <button type="button" class="pairing-row ${device.state}" data-test=${`device-${device.id}`} data-state=${device.state} @click=${() => show({ name: "device", id: device.id, part: "about" })}>
      <span class="pairing-picture">${picture(device.protocol)}</span>
      <span class="pairing-what">
        <strong translate="no">${called(device)}</strong>
        <span class="soft">${staff() && device.owner ? html`<span translate="no">${device.owner.name}</span> · ` : nothing}${device.title}</span>
        <span class="pairing-marks">${marks(device)}</span>
      </span>
      <span class="pairing-doing">
        <span class=${device.state === "silent" ? "bad" : ""}>${doing(device)}</span>
        ${device.battery !== null ? html`<span class=${low ? "bad" : "soft"}>${t("batteryAt", { n: Math.round(device.battery * 100) })}</span>` : nothing}
      </span>
    </button>
  </li>`;
}

function group(title: string, devices: Device[], tone: string): TemplateResult | typeof nothing {
  if (!devices.length) return nothing;
  return html`<section class="pairing-group ${tone}">
    <h3>${title} <span class="pairing-count">${devices.length}</span></h3>
    <ul>${repeat(devices, (each) => each.id, row)}</ul>
  </section>`;
}

function found(devices: Device[]): Device[] {
  const wanted = screen.words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return devices;
  return devices.filter((each) => {
    const said = [each.name, each.identifier, each.title, each.owner?.name, each.owner?.phone].join(" ").toLowerCase();
    return wanted.every((word) => said.includes(word));
  });
}

export function listView(): TemplateResult {
  const { devices } = screen;
  const shown = found(devices ?? []);
  return html`<header class="pairing-head">
      <h2 data-heading tabindex="-1">${t(staff() ? "devices" : "myDevices")}</h2>
      <button type="button" class="button" data-test="devices-back" @click=${() => page().leave()}>${t("back")}</button>
    </header>
    <div class="pairing-scroll">
      <div class="pairing-tools">
        <button type="button" class="button accent button-main" data-test="device-add" @click=${beginAdding}>${icon("plus")} ${t("add")}</button>
        ${devices && devices.length > 5
          ? html`<input type="search" class="pairing-search" data-test="device-search" aria-label=${t("search")} placeholder=${t("search")} .value=${screen.words} @input=${(event: Event) => {
              screen.words = (event.target as HTMLInputElement).value;
              changed();
            }} />`
          : nothing}
      </div>
      ${screen.problem && !devices
        ? html`<p class="problem trouble" role="alert">${screen.problem}</p><button type="button" class="button" @click=${() => void look()}>${t("retry")}</button>`
        : devices === null
          ? html`<p class="soft">${t("loading")}</p>`
          : devices.length === 0
            ? html`<div class="pairing-empty" data-test="devices-none"><span class="pairing-picture big">${picture("")}</span><strong>${t("none")}</strong><p class="soft">${t("noneWhy")}</p></div>`
            : html`${shown.length === 0 ? html`<p class="soft">${t("searchEmpty")}</p>` : nothing}
                ${group(t("groupAttention"), shown.filter((each) => each.state === "silent" || each.state === "trouble"), "attention")}
                ${group(t("groupWaiting"), shown.filter((each) => each.state === "waiting"), "")}
                ${group(t("groupWell"), shown.filter((each) => each.state === "ok"), "")}`}
    </div>`;
}
