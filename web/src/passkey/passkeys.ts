/**
 * The passkey buttons of Django's pages: a form with `data-passkey` (get or create) and `data-options`, the address of the challenge. `data-then` is the id of another
 * form, which is sent once the passkey was right.
 */
import { ceremony, supported } from "./passkey";

function say(form: HTMLElement, what: string): void {
  const trouble = form.parentElement?.querySelector<HTMLElement>("[data-trouble]");
  if (!trouble) return;
  trouble.textContent = what;
  trouble.hidden = what === "";
}

async function ask(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button")!;
  const { csrfmiddlewaretoken = "", ...fields } = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  button.disabled = true;
  say(form, "");
  try {
    const said = await ceremony(form.dataset["passkey"] === "create" ? "create" : "get", form.dataset["options"]!, csrfmiddlewaretoken, fields);
    const then = form.dataset["then"];
    if (said === null) location.reload();
    else if (said.to === undefined) say(form, said.detail ?? form.dataset["failed"]!);
    else if (then) (document.getElementById(then) as HTMLFormElement).submit();
    else location.assign(said.to);
  } catch {
    say(form, form.dataset["failed"]!);
  } finally {
    button.disabled = false;
  }
}

if (supported()) {
  for (const each of document.querySelectorAll<HTMLElement>("[data-passkeys]")) each.hidden = false;
  for (const each of document.querySelectorAll<HTMLElement>("[data-no-passkeys]")) each.hidden = true;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void ask(form);
    });
  }
}
