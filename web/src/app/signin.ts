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
    const answer = await ask<{ sent: boolean; demo_code?: string }>("/app/code", { phone: entered });
    phone = sentTo = entered;
    demoCode = answer.demo_code ?? "";
    requestAnimationFrame(() => document.getElementById("code")?.focus());
  });
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
            <p class="soft">${t("codeSent", { phone: sentTo })}</p>
            ${demoCode ? html`<p class="demo-code">${t("demoCode", { code: "" })}<strong data-test="demo-code">${demoCode}</strong></p>` : nothing}
            <label for="code">${t("code")}</label>
            <input id="code" name="code" data-test="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required />
            <p class="problem" role="alert" data-test="problem">${problem}</p>
            <button class="button button-main" data-test="sign-in" ?disabled=${busy}>${busy ? t("working") : t("signIn")}</button>
            <button type="button" class="link" @click=${again}>${t("otherPhone")}</button>
          </form>`
        : html`<form @submit=${sendCode}>
            <label for="phone">${t("phone")}</label>
            <input id="phone" name="phone" data-test="phone" type="tel" autocomplete="tel" placeholder=${t("phoneExample")} .value=${phone} required />
            <p class="problem" role="alert" data-test="problem">${problem}</p>
            <button class="button button-main" data-test="get-code" ?disabled=${busy}>${busy ? t("working") : t("getCode")}</button>
          </form>`
    }
    ${member.token ? html`<button type="button" class="link" data-test="back" @click=${leave}>${t("back")}</button>` : nothing} ${emergencyNumbers()}
  </main>`;
}
