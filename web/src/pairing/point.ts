/** The very texts and settings that bring a device here. */
import { html, nothing, type TemplateResult } from "lit-html";
import { frame } from "./frame.ts";
import { changed, draft, moment, protocolOf, screen, show } from "./state.ts";
import type { Detail, Protocol, Step } from "./types.ts";
import { t } from "./words.ts";

/** MCC and MNC of South Africa's networks (ITU operational bulletin); all use the APN "internet". */
const NETWORKS: [string, string][] = [["65501", "Vodacom"], ["65510", "MTN"], ["65507", "Cell C"], ["65502", "Telkom"]];

let copied = -1;

function filled(send: string, device: Detail, protocol: Protocol): string {
  const values: Record<string, string> = {
    identifier: device.identifier,
    apn: draft.apn,
    network: draft.network,
    password: draft.device.settings["password"] || (draft.password ?? protocol.password),
  };
  return send.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] || whole);
}

async function copy(text: string, n: number): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    copied = n;
  } catch {
    const field = document.getElementById(`send-${n}`);
    if (field) getSelection()?.selectAllChildren(field); // then it is copied by hand
  }
  changed();
}

function asked(protocol: Protocol): TemplateResult | typeof nothing {
  const asks = protocol.asks.filter((each) => each !== "password" || !protocol.fields.some((field) => field.name === "password"));
  if (!asks.length) return nothing;
  const input = (name: "apn" | "password", label: string, value: string): TemplateResult =>
    html`<label class="field"><span>${label}</span>
      <input data-test=${`ask-${name}`} autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="60" .value=${value} @input=${(event: Event) => {
        draft[name] = (event.target as HTMLInputElement).value.trim();
        changed();
      }} /></label>`;
  return html`<div class="pairing-asks">
    ${asks.includes("network")
      ? html`<label class="field"><span>${t("network")}</span>
          <select data-test="ask-network" @change=${(event: Event) => {
            draft.network = (event.target as HTMLSelectElement).value;
            changed();
          }}>
            ${NETWORKS.map(([code, name]) => html`<option value=${code} ?selected=${code === draft.network} translate="no">${name}</option>`)}
            <option value="" ?selected=${draft.network === ""}>${t("networkOther")}</option>
          </select></label>`
      : nothing}
    ${asks.includes("apn") ? input("apn", t("apn"), draft.apn) : nothing}
    ${asks.includes("password") ? input("password", t("password", { factory: protocol.password }), draft.password ?? protocol.password) : nothing}
  </div>`;
}

function line(step: Step, n: number, device: Detail, protocol: Protocol): TemplateResult {
  const text = step.send === null ? null : filled(step.send, device, protocol);
  return html`<li>
    <p>${step.text}</p>
    ${text === null
      ? nothing
      : html`<div class="pairing-send">
          <code translate="no" id=${`send-${n}`} data-test="send">${text}</code>
          <span class="pairing-does">
            <button type="button" class="button" data-test="copy-text" aria-describedby=${`send-${n}`} @click=${() => void copy(text, n)}>${copied === n ? t("copied") : t("copy")}</button>
            ${protocol.by === "sms" ? html`<a class="button" data-test="send-sms" href=${`sms:${(device.sim ?? "").replace(/[^+\d]/g, "")}?body=${encodeURIComponent(text)}`} aria-describedby=${`send-${n}`}>${t("sendText")}</a>` : nothing}
          </span>
        </div>`}
  </li>`;
}

export function pointView(device: Detail): TemplateResult {
  const protocol = protocolOf(device.protocol);
  const about = { name: "device", id: device.id } as const;
  return frame(
    t("stepPoint"),
    () => show(screen.fresh ? { name: "list" } : { ...about, part: "about" }),
    protocol
      ? html`<p>${t(`before_${protocol.by}`)}</p>
          ${asked(protocol)}
          <ol class="pairing-steps">${protocol.steps.map((step, n) => line(step, n, device, protocol))}</ol>
          ${protocol.by === "sms" ? html`<p class="soft">${t("differs")}</p>` : nothing}
          <p class="pairing-says" role="status">${device.heard_at ? html`<span class="good">${t("speaksAlready", { time: moment(device.heard_at) })}</span>` : nothing}</p>`
      : html`<p class="soft">${t("loading")}</p>`,
    html`<button type="button" class="button accent button-main" data-test="pairing-next" @click=${() => show({ ...about, part: device.heard_at ? "test" : "life" })}>${t("sentAll")}</button>`,
    "point",
  );
}
