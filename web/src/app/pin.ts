/**
 * Two PINs that a member may choose: one asks to cancel an alarm, the other looks exactly like it and says "I am forced to". They are kept on this phone alone, as
 * digests: nobody else needs them, and they work without a network. A phone on which none are set asks for none.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { draw } from "./draw.ts";
import { keep, recall } from "./store.ts";
import { t } from "./words.ts";

interface Pins {
  salt: Uint8Array<ArrayBuffer>;
  cancel: string;
  duress: string;
}

const ROUNDS = 100_000;
const SHAPE = /^\d{4,8}$/;

let pins: Pins | undefined;
let problem = "";
let removing = false;

export async function loadPins(): Promise<void> {
  pins = await recall<Pins>("pins");
}

export function pinsAreSet(): boolean {
  return pins !== undefined;
}

export function forgetPins(): void {
  pins = undefined;
  removing = false;
  problem = "";
}

/** What this PIN asks for; null: it is neither. */
export async function meaning(pin: string): Promise<"cancel" | "duress" | null> {
  if (!pins) return "cancel";
  const said = await digest(pin, pins.salt);
  return said === pins.cancel ? "cancel" : said === pins.duress ? "duress" : null;
}

/** PBKDF2 (RFC 8018, 5.2). Somebody who can read this phone's storage can try ten thousand PINs all the same. */
async function digest(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<string> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, key, 256);
  return [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function choose(cancel: string, duress: string): Promise<void> {
  problem = !SHAPE.test(cancel) || !SHAPE.test(duress) ? t("pinShape") : cancel === duress ? t("pinSame") : "";
  if (!problem) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    pins = { salt, cancel: await digest(cancel, salt), duress: await digest(duress, salt) };
    await keep({ pins });
  }
  draw();
}

async function remove(pin: string): Promise<void> {
  problem = (await meaning(pin)) === "cancel" ? "" : t("pinWrong");
  if (!problem) {
    forgetPins();
    await keep({ pins: null });
  }
  draw();
}

/** One PIN, asked for on a keyboard of digits. */
export function pinField(name: string, label: string): TemplateResult {
  return html`<label for=${`pin-${name}`}>${label}</label>
    <input id=${`pin-${name}`} name=${name} data-test=${`pin-${name}`} type="password" inputmode="numeric" autocomplete="off" maxlength="8" required />`;
}

export function pinsSection(): TemplateResult | typeof nothing {
  if (!globalThis.crypto?.subtle) return nothing; // a page without TLS cannot keep a digest
  return html`<section>
    <h2>${t("pinTitle")}</h2>
    ${pins ? html`<p class="soft">${t("pinSet")}</p>` : html`<p class="soft">${t("pinWhy")}</p>`}
    ${!pins ? chooseForm() : removing ? removeForm() : html`<button type="button" class="button" data-test="pin-remove" @click=${ask}>${t("pinRemove")}</button>`}
    <p class="problem" role="alert" data-test="pin-problem">${problem || nothing}</p>
  </section>`;
}

function ask(): void {
  removing = true;
  problem = "";
  draw();
}

function chooseForm(): TemplateResult {
  return html`<form class="pins" @submit=${sent((value) => choose(value("cancel"), value("duress")))}>
    ${pinField("cancel", t("pinCancel"))} ${pinField("duress", t("pinDuress"))}
    <button type="submit" class="button" data-test="pin-save">${t("pinSave")}</button>
  </form>`;
}

function removeForm(): TemplateResult {
  return html`<form class="pins" @submit=${sent((value) => remove(value("present")))}>
    ${pinField("present", t("pinCancel"))}
    <button type="submit" class="button" data-test="pin-remove-yes">${t("pinRemove")}</button>
  </form>`;
}

/** A form's handler: its fields are emptied whatever comes of it. */
export function sent(then: (value: (name: string) => string) => Promise<void>): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const values = new FormData(form);
    form.reset();
    void then((name) => String(values.get(name) ?? "").trim());
  };
}
