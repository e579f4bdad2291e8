/** Adding a device: what kind it is, its number, and on the desk whose it is. */
import { html, nothing, type TemplateResult } from "lit-html";
import { frame } from "./frame.ts";
import { icon, picture } from "./icons.ts";
import { ownerStep, withOwner } from "./owner.ts";
import { attempt, changed, draft, page, protocolOf, screen, show, staff, type AddStep } from "./state.ts";
import type { Field, Protocol } from "./types.ts";
import { t } from "./words.ts";

export function addView(step: AddStep): TemplateResult {
  if (step === "kind") return kindStep();
  const protocol = protocolOf(draft.device.protocol);
  if (!protocol) return kindStep();
  return step === "number" ? numberStep(protocol) : ownerStep(add);
}

// ── what kind ───────────────────────────────────────────────────────────────

function suits(protocol: Protocol): boolean {
  const said = `${protocol.title} ${protocol.models} ${protocol.name}`.toLowerCase();
  const bare = said.replace(/[\s-]/g, "");
  return draft.kindWords
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word) || bare.includes(word.replace(/-/g, "")));
}

function kindStep(): TemplateResult {
  const { protocols } = screen;
  const suited = protocols?.filter(suits) ?? [];
  return frame(
    t("stepKind"),
    () => show({ name: "list" }),
    html`<input type="search" class="pairing-search" data-test="kind-search" aria-label=${t("kindSearch")} placeholder=${t("kindSearch")} .value=${draft.kindWords} @input=${(event: Event) => {
        draft.kindWords = (event.target as HTMLInputElement).value;
        changed();
      }} />
      ${protocols === null ? html`<p class="soft">${t("loading")}</p>` : nothing}
      ${protocols && !suited.length ? html`<p class="soft" role="status">${t("kindNone")}</p>` : nothing}
      <ul class="pairing-kinds">
        ${suited.map(
          (each) => html`<li>
            <button type="button" class="pairing-kind" data-test=${`kind-of-${each.name}`} @click=${() => choose(each)}>
              <span class="pairing-picture">${picture(each.name)}</span>
              <span class="pairing-what"><strong>${each.title}</strong><span class="soft pairing-models" translate="no">${each.models}</span></span>
              ${icon("next")}
            </button>
          </li>`,
        )}
      </ul>`,
    nothing,
    "kind",
  );
}

function choose(protocol: Protocol): void {
  if (draft.device.protocol !== protocol.name) Object.assign(draft.device, { protocol: protocol.name, identifier: "", settings: {} });
  draft.password = null;
  show({ name: "add", step: "number" });
}

// ── its number ──────────────────────────────────────────────────────────────

function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    return true; // a pattern that only the server understands: it will say
  }
}

/** As the server reads it: without the spaces and dashes that labels have, in capitals or not, without zeros in front. */
function reads(protocol: Protocol, written: string): boolean {
  const plain = written.trim();
  const bare = plain.replace(/[\s.:/_-]/g, "");
  if (protocol.name === "sms") return bare.replace(/\D/g, "").length >= 9;
  return [plain, bare, bare.toUpperCase(), bare.toLowerCase(), bare.replace(/^0+/, "")].some((each) => fits(protocol.pattern, each));
}

/** The check digit of an IMEI (ISO/IEC 7812-1); cheap devices have wrong ones, so it is a hint and no more. */
function checks(written: string): boolean {
  const digits = written.replace(/\D/g, "");
  if (digits.length !== 15) return true;
  const sum = [...digits].reverse().reduce((all, each, n) => {
    const value = Number(each) * (n % 2 ? 2 : 1);
    return all + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function says(protocol: Protocol): TemplateResult {
  const written = draft.device.identifier;
  if (!written.trim()) return html`<span class="soft">${t("identifierExample", { example: "" })}<span translate="no">${protocol.example}</span></span>`;
  if (!reads(protocol, written)) return html`<span class="bad">${t("identifierBad", { example: "" })}<span translate="no">${protocol.example}</span></span>`;
  return checks(written) ? html`<span class="good">${t("identifierGood")}</span>` : html`<span class="careful">${t("identifierCheck")}</span>`;
}

function fill(change: (value: string) => void) {
  return (event: Event): void => {
    change((event.target as HTMLInputElement).value);
    changed();
  };
}

function own(field: Field): TemplateResult {
  const value = draft.device.settings[field.name] ?? "";
  const bad = value !== "" && !fits(field.pattern, value.trim());
  return html`<label class="field"><span>${field.label}</span>
    <input name=${field.name} type=${field.secret ? "password" : "text"} autocomplete="off" maxlength="400" data-test=${`field-${field.name}`} .value=${value}
      @input=${fill((text) => (draft.device.settings = { ...draft.device.settings, [field.name]: text }))} />
    <span class="pairing-says">${bad ? html`<span class="bad">${t("fieldBad")}</span>` : nothing}</span>
  </label>`;
}

function numberStep(protocol: Protocol): TemplateResult {
  const { device } = draft;
  const whole = reads(protocol, device.identifier) && protocol.fields.every((each) => fits(each.pattern, (device.settings[each.name] ?? "").trim()));
  const next = (event: Event): void => {
    event.preventDefault();
    if (!whole) return;
    if (staff()) show({ name: "add", step: "owner" });
    else void add();
  };
  return frame(
    t("stepNumber"),
    () => show({ name: "add", step: "kind" }),
    html`<form id="pairing-number" class="pairing-form" novalidate @submit=${next}>
      <p class="pairing-chosen"><span class="pairing-picture">${picture(protocol.name)}</span><strong>${protocol.title}</strong></p>
      <label class="field"><span>${t("identifier")}</span>
        <span class="soft">${protocol.identifier}</span>
        <input name="identifier" class="pairing-number" data-test="identifier" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="80"
          inputmode=${/^[\\d{}|]+$/.test(protocol.pattern.replace(/[0-9,]/g, "")) ? "numeric" : "text"} .value=${device.identifier} @input=${fill((text) => (device.identifier = text))} />
        <span class="pairing-says" data-test="identifier-says" role="status">${says(protocol)}</span>
      </label>
      <label class="field"><span>${t("name")}</span>
        <input name="name" data-test="device-name" autocomplete="off" maxlength="80" placeholder=${t("nameExample")} .value=${device.name} @input=${fill((text) => (device.name = text))} />
      </label>
      ${protocol.fields.map(own)}
      ${protocol.by === "sms"
        ? html`<label class="field"><span>${t("sim")}</span>
            <input name="sim" type="tel" data-test="sim" autocomplete="off" maxlength="30" placeholder="+27 82 555 0123" .value=${device.sim} @input=${fill((text) => (device.sim = text))} />
            <span class="soft">${t("simWhy")}</span>
          </label>`
        : nothing}
    </form>`,
    html`<button type="submit" form="pairing-number" class="button accent button-main" data-test="pairing-next" ?disabled=${!whole || screen.busy}>
      ${screen.busy ? t("working") : staff() ? t("next") : t("addNow")}
    </button>`,
    "number",
  );
}

/** Register it; from here on it is a device, and the rest is setting it up. */
async function add(): Promise<void> {
  await attempt(async () => {
    const made = await page().add(withOwner(draft.device));
    screen.detail = made;
    screen.devices = null;
    show({ name: "device", id: made.id, part: "point" });
  });
}
