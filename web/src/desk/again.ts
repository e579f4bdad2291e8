/**
 * "Confirm that it is you": the server wants a proof of the last minutes before a grave act (403, `sign_in_again`). A dialog of its own, above whatever is open; once the
 * proof is given the call that was refused is made again.
 */
import { html, nothing, render } from "lit-html";
import { language } from "../i18n";
import { ceremony, supported } from "../passkey/passkey";
import { say } from "./words";

const AGAIN = "/desk/sign-in/again/";
let asking: Promise<boolean> | null = null;

/** True once the person has proven who they are; false: they would not. Two calls that are refused together ask once. */
export function proveAgain(methods: string[], token: () => string): Promise<boolean> {
  asking ??= open(methods, token).finally(() => (asking = null));
  return asking;
}

function open(methods: string[], token: () => string): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "again-title");
  dialog.dataset["test"] = "again";
  document.body.append(dialog);
  let trouble = "";
  let busy = false;

  return new Promise((done) => {
    let proven = false;
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(proven);
    });

    async function attempt(prove: () => Promise<string | null>): Promise<void> {
      if (busy) return;
      busy = true;
      trouble = "";
      draw();
      try {
        trouble = (await prove()) ?? "";
        if (!trouble) {
          proven = true;
          dialog.close();
          return;
        }
      } catch {
        trouble = say("again_failed");
      }
      busy = false;
      draw();
    }

    async function bySecret(form: FormData): Promise<string | null> {
      const answer = await fetch(AGAIN, {
        method: "POST",
        headers: { Accept: "application/json", "Accept-Language": language(), "X-CSRFToken": token() },
        body: new URLSearchParams([...form].map(([name, value]) => [name, String(value)])),
      });
      const said = (await answer.json()) as { detail?: string };
      return answer.ok ? null : (said.detail ?? say("again_failed"));
    }

    async function byPasskey(): Promise<string | null> {
      const said = await ceremony("get", `${AGAIN}passkey/`, token());
      return said?.to === undefined ? (said?.detail ?? say("again_failed")) : null;
    }

    const typed = methods.some((each) => each === "password" || each === "totp");
    function draw(): void {
      render(
        html`<form class="dialog-form" novalidate @submit=${(event: Event) => {
          event.preventDefault();
          const form = new FormData(event.target as HTMLFormElement);
          void attempt(() => bySecret(form));
        }}>
          <header><h2 id="again-title">${say("again_title")}</h2></header>
          <div class="dialog-body">
            <p>${say("again_why")}</p>
            ${methods.includes("password")
              ? html`<label class="field"><span>${say("again_password")}</span><input name="again_password" type="password" autocomplete="current-password" maxlength="200" autofocus data-test="again-password" /></label>`
              : nothing}
            ${methods.includes("totp")
              ? html`<label class="field"><span>${say(methods.includes("password") ? "again_or_code" : "again_code")}</span><input name="again_code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" data-test="again-code" /></label>`
              : nothing}
            ${methods.includes("passkey") && supported()
              ? html`<button type="button" class="button" data-test="again-passkey" aria-disabled=${busy} @click=${() => void attempt(byPasskey)}>${say("again_passkey")}</button>`
              : nothing}
          </div>
          <footer>
            <p class="trouble" role="alert" data-test="again-problem">${trouble || nothing}</p>
            <button type="button" class="button" data-test="again-cancel" @click=${() => dialog.close()}>${say("cancel")}</button>
            ${typed ? html`<button type="submit" class="button accent" data-test="again-confirm" aria-disabled=${busy}>${say("again_do")}</button>` : nothing}
          </footer>
        </form>`,
        dialog,
      );
    }

    draw();
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[autofocus], .dialog-body button, .dialog-body input")?.focus();
  });
}
