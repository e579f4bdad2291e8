/** Signing in: the phone's number, a code, and the phone is the member's. Whoever is in danger before that finds the emergency numbers here. */
import { html, nothing, type TemplateResult } from "lit-html";
import { draw } from "./draw.ts";
import { emergencyNumbers } from "./fallback.ts";
import { ask, type Member, member, refreshMember, Refused, signedIn } from "./member.ts";
import { wake } from "./outbox.ts";
import { t } from "./words.ts";

let open = false;
let busy = false;
let problem = "";
let phone = "";
let sentTo = "";
let demoCode = "";
let callAt = 0; // from when on a call may be asked for, instead of a text that did not come
let calling = false;
let countdown: ReturnType<typeof setInterval> | undefined;

export function openSignIn(): void {
  open = true;
  draw();
}

/** Asked for by somebody whose sign-in is over. */
export function signInIsAsked(): boolean {
  return open;
}

async function attempt(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  problem = "";
  draw();
  try {
    await work();
  } catch (error) {
    problem = error instanceof Refused ? error.message || t("notAccepted") : t("noNetwork");
  }
  busy = false;
  draw();
}

function sendCode(event: Event): void {
  event.preventDefault();
  const entered = field(event, "phone");
  if (!entered) return;
  void attempt(async () => {
    const answer = await ask<Sent>("/app/code", { phone: entered });
    phone = sentTo = entered;
    took(answer, false);
    requestAnimationFrame(() => document.getElementById("code")?.focus());
  });
}

interface Sent {
  sent: boolean;
  call_after?: number;
  demo_code?: string;
}

function took(answer: Sent, called: boolean): void {
  demoCode = answer.demo_code ?? "";
  calling = called;
  callAt = Date.now() + (answer.call_after ?? 30) * 1000;
  clearInterval(countdown);
  countdown = setInterval(() => {
    if (!sentTo || waitForCall() <= 0) clearInterval(countdown);
    draw();
  }, 1000);
}

function waitForCall(): number {
  return Math.max(0, Math.ceil((callAt - Date.now()) / 1000));
}

/** The text did not come: a voice says the same code; or another text. */
function sendAgain(way: "voice" | "sms"): void {
  void attempt(async () => took(await ask<Sent>("/app/code", { phone: sentTo, way }), way === "voice"));
}

function otherWays(): TemplateResult {
  const wait = waitForCall();
  if (wait > 0) return html`<p class="soft" data-test="call-wait">${t("callWait", { n: wait })}</p>`;
  return html`<div class="pair">
    <button type="button" class="button" data-test="call-me" ?disabled=${busy} @click=${() => sendAgain("voice")}>${t("callMe")}</button>
    <button type="button" class="button" data-test="text-again" ?disabled=${busy} @click=${() => sendAgain("sms")}>${t("textAgain")}</button>
  </div>`;
}

function sendSignIn(event: Event): void {
  event.preventDefault();
  const code = field(event, "code").replace(/\D/g, "");
  if (!code) return;
  void attempt(async () => {
    await signedIn(await ask<Member & { token: string }>("/app/sign-in", { phone, code }));
    open = false;
    sentTo = demoCode = "";
    void refreshMember();
    wake(); // what was pressed before the sign-in ran out goes now
  });
}

function field(event: Event, name: string): string {
  return ((event.currentTarget as HTMLFormElement).elements.namedItem(name) as HTMLInputElement).value.trim();
}

export function signInScreen(): TemplateResult {
  const leave = () => {
    open = false;
    draw();
  };
  const again = () => {
    sentTo = demoCode = problem = "";
    draw();
  };
  return html`<main class="signin">
    <h1>${t("signIn")}</h1>
    <p class="soft">${t("signInWhy")}</p>
    ${
      sentTo
        ? html`<form @submit=${sendSignIn}>
            <p class="soft" role="status">${t(calling ? "codeCalled" : "codeSent", { phone: sentTo })}</p>
            ${demoCode ? html`<p class="demo-code">${t("demoCode", { code: "" })}<strong data-test="demo-code">${demoCode}</strong></p>` : nothing}
            <label for="code">${t("code")}</label>
            <input id="code" name="code" data-test="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required />
            <p class="problem" role="alert" data-test="problem">${problem}</p>
            <button class="button button-main" data-test="sign-in" ?disabled=${busy}>${busy ? t("working") : t("signIn")}</button>
            ${otherWays()}
            <button type="button" class="link" @click=${again}>${t("otherPhone")}</button>
          </form>`
        : html`<form @submit=${sendCode}>
            <label for="phone">${t("phone")}</label>
            <input id="phone" name="phone" data-test="phone" type="tel" autocomplete="tel" placeholder=${t("phoneExample")} .value=${phone} required />
            <p class="problem" role="alert" data-test="problem">${problem}</p>
            <button class="button button-main" data-test="get-code" ?disabled=${busy}>${busy ? t("working") : t("getCode")}</button>
          </form>`
    }
    ${member.token ? html`<button type="button" class="link" data-test="back" @click=${leave}>${t("back")}</button>` : html`<a class="link" data-test="join" href="/join/">${t("notMember")}</a>`} ${emergencyNumbers()}
  </main>`;
}
