/** Waiting for the first sign of life; after a minute, what to check. */
import { html, nothing, type TemplateResult } from "lit-html";
import { frame } from "./frame.ts";
import { icon } from "./icons.ts";
import { attempt, moment, now, page, protocolOf, screen, show, stopwatch } from "./state.ts";
import type { Detail, Knock, Protocol } from "./types.ts";
import { t } from "./words.ts";

const PATIENCE = 60_000; // ms
let since = 0;
let of = 0;

/** A device that knocks under another number, or in another protocol: register it as what it says it is. */
async function instead(device: Detail, knock: Knock): Promise<void> {
  await attempt(async () => {
    const { owner, name } = device;
    await page().act(device.id, "revoke");
    const made = await page().add({
      protocol: knock.protocol,
      identifier: knock.identifier,
      name,
      settings: {},
      sim: device.sim ?? "",
      ...(page().staff && owner?.kind === "person" ? { person: owner.id } : {}),
      ...(page().staff && owner?.kind === "site" ? { site: owner.id } : {}),
    });
    screen.detail = made;
    show({ name: "device", id: made.id, part: "life" });
  });
}

function knocked(device: Detail, knock: Knock): TemplateResult | typeof nothing {
  const time = moment(knock.last_at);
  if (knock.same) return html`<li class="good" data-test="knock-same">${t("knockSame", { time })}</li>`;
  const other = knock.protocol !== device.protocol;
  if (other && !protocolOf(knock.protocol)) return nothing;
  return html`<li class="pairing-knock" data-test="knock-other">
    <span>${t(other ? "knockProtocol" : "knockOther", { time })} <strong translate=${other ? "yes" : "no"}>${other ? protocolOf(knock.protocol)?.title : knock.identifier}</strong></span>
    <button type="button" class="button" data-test="knock-use" ?disabled=${screen.busy} @click=${() => void instead(device, knock)}>${t("knockUse")}</button>
  </li>`;
}

export function checks(device: Detail, protocol: Protocol | undefined): TemplateResult {
  const number = html`<li>${t("check_number", { identifier: device.identifier })}</li>`;
  const server = !protocol
    ? nothing
    : protocol.by !== "sms" && protocol.url
      ? html`<li>${t("check_url", { url: "" })}<span translate="no">${protocol.url}</span></li>`
      : html`<li>${t("check_server", { host: protocol.host, port: protocol.port ?? "" })}</li>`;
  return html`<div class="pairing-checks" data-test="checks">
    <h3>${t("checkTitle")}</h3>
    <ul>
      <li>${t("check_on")}</li>
      ${protocol?.by === "sms" ? html`<li>${t("check_sim")}</li><li>${t("check_answer")}</li>` : nothing} ${number} ${server}
      ${protocol?.by === "sms" || protocol?.by === "app" ? html`<li>${t("check_move")}</li>` : nothing}
    </ul>
  </div>`;
}

export function lifeView(device: Detail): TemplateResult {
  if (of !== device.id) {
    of = device.id;
    since = now();
  }
  const waited = now() - since;
  const about = { name: "device", id: device.id } as const;
  const knocks = device.knocks.filter((each) => each.same || Date.parse(each.last_at) > Date.parse(device.added_at) - 3_600_000);
  return frame(
    t("stepLife"),
    () => show({ ...about, part: "point" }),
    html`<div class="pairing-stage" data-test="life" data-state="waiting">
        <span class="pairing-sign waiting">${icon("wait")}</span>
        <strong role="status">${t("waitingLife")}</strong>
        <span class="pairing-clock" aria-hidden="true">${stopwatch(waited)}</span>
        <p class="soft">${t("waitingWhy")}</p>
      </div>
      ${knocks.length ? html`<ul class="pairing-knocks">${knocks.map((each) => knocked(device, each))}</ul>` : nothing}
      ${waited > PATIENCE ? checks(device, protocolOf(device.protocol)) : nothing}`,
    html`<button type="button" class="button" data-test="pairing-point" @click=${() => show({ ...about, part: "point" })}>${t("pointBack")}</button>
      <button type="button" class="button" data-test="pairing-later" @click=${() => show({ name: "list" })}>${t("later")}</button>`,
    "life",
  );
}
