/** Sound and screen, and the help page: dialogs about the desk itself. */
import { html, nothing, type TemplateResult } from "lit-html";
import { pushControls } from "../push/section";
import { t as tPush } from "../push/words";
import { icon } from "./icons";
import { t } from "../drill/words";
import { toContacts, toPlans } from "./more";
import { allow, permission } from "./notify";
import { leave, push } from "./push";
import { setVolume, soundState, test, turnOn, volume } from "./siren";
import { changed, desk } from "./state";
import { setTheme, theme, THEMES } from "./theme";
import { say, type Word } from "./words";

const KEYS = "tocsin.keys";

export function singleKeys(): boolean {
  return localStorage.getItem(KEYS) !== "off";
}

function frame(title: string, body: unknown, dismiss: () => void): TemplateResult {
  return html`<div class="dialog-form">
    <header><h2 id="dialog-title">${title}</h2></header>
    <div class="dialog-body">${body}</div>
    <footer><button class="button accent" data-test="done" autofocus @click=${dismiss}>${say("back")}</button></footer>
  </div>`;
}

function leaveFor(dismiss: () => void, page: () => void): void {
  dismiss();
  page();
}

/** Directors and administrators look after the channels. */
function leads(): boolean {
  return desk.me?.centers.some((each) => each.role === "director" || each.role === "administrator") ?? false;
}

function notifications(): TemplateResult {
  const now = permission();
  if (now === "default") return html`<button class="button" data-test="notifications" @click=${() => void allow()}>${icon("bell")} ${say("notifications_allow")}</button>`;
  return html`<p class="soft" data-test="notifications">${say(now === "granted" ? "notifications_on" : now === "denied" ? "notifications_denied" : "notifications_none")}</p>`;
}

export function settingsDialog(dismiss: () => void): TemplateResult {
  return frame(
    say("settings_title"),
    html`
      <section class="setting">
        <h3 id="volume-label">${say("volume")}</h3>
        <div class="setting-row">
          <input type="range" min="20" max="100" step="10" .value=${String(volume())} aria-labelledby="volume-label" data-test="volume"
            @change=${(event: Event) => {
              setVolume(Number((event.target as HTMLInputElement).value));
              changed();
            }} />
          <output class="digits">${volume()}%</output>
          <button class="button" data-test="volume-test" @click=${() => void test()}>${icon("sound")} ${say("volume_test")}</button>
        </div>
        ${soundState() === "blocked" ? html`<button class="button warn" @click=${() => void turnOn()}>${icon("mute")} ${say("sound_blocked")}</button>` : nothing}
      </section>
      <section class="setting"><h3>${say("notifications")}</h3>${notifications()}</section>
      <section class="setting"><h3>${tPush("notifyDesk")}</h3>${pushControls(push, tPush("notifyDeskWhy"))}</section>
      <section class="setting">
        <fieldset class="segments" data-test="theme">
          <legend>${say("theme")}</legend>
          ${THEMES.map(
            (each) => html`<label class="segment" data-test=${`theme-${each}`}>
              <input type="radio" name="theme" value=${each} ?checked=${theme() === each} @change=${() => {
                setTheme(each);
                changed();
              }} /><span>${say(`theme_${each}` as const)}</span></label>`,
          )}
        </fieldset>
      </section>
      <section class="setting">
        <h3>${say("keys_single")}</h3>
        <label class="check"><input type="checkbox" data-test="single-keys" ?checked=${singleKeys()} @change=${(event: Event) => {
          localStorage.setItem(KEYS, (event.target as HTMLInputElement).checked ? "on" : "off");
        }} /> ${say("keys_single_on")}</label>
      </section>
      <section class="setting">
        <h3>${say("reach")}</h3>
        <div class="setting-row">
          <button class="button" data-test="to-contacts" @click=${() => leaveFor(dismiss, toContacts)}>${icon("phone")} ${say("my_contacts")}</button>
          <button class="button" data-test="to-plans" @click=${() => leaveFor(dismiss, toPlans)}>${icon("route")} ${say("plans")}</button>
          ${leads() ? html`<a class="button" data-test="to-channels" href="/desk/channels/">${icon("sound")} ${say("channels")}</a>` : nothing}
          <a class="button" data-test="to-looks" href="/desk/looks/">${icon("book")} ${say("looks")}</a>
          <a class="button" data-test="to-people" href="/desk/looks/people/">${icon("help")} ${say("find_member")}</a>
          <a class="button" data-test="to-security" href="/desk/security/">${icon("gear")} ${say("security")}</a>
          ${leads() ? html`<a class="button" data-test="to-roles" href="/desk/roles/">${icon("gear")} ${say("people_roles")}</a>` : nothing}
          ${desk.me?.centers.some((each) => each.verbs) ? html`<a class="button" data-test="to-phones" href="/desk/phones/">${icon("phone")} ${say("members_phones")}</a>` : nothing}
          ${desk.me?.centers.some((each) => ["director", "supervisor", "liaison"].includes(each.role ?? "")) ? html`<a class="button" data-test="to-members" href="/desk/members/">${icon("help")} ${say("members")}</a>` : nothing}
          ${desk.me?.centers.some((each) => ["director", "auditor", "administrator"].includes(each.role ?? "")) ? html`<a class="button" data-test="to-privacy" href="/desk/privacy/">${icon("book")} ${say("personal_data")}</a>` : nothing}
          <a class="button" data-test="to-keys" href="/desk/keys/">${icon("gear")} ${say("my_keys")}</a>
          <a class="button" data-test="to-drills" href="/desk/drills/">${icon("bell")} ${t("drills")}</a>
        </div>
      </section>
      <div class="setting-row"><button class="button" data-test="sign-out-here" @click=${() => void leave()}>${icon("out")} ${say("sign_out")}</button>
      <span class="soft">${say("signed_in_as", { name: desk.me?.name ?? "" })} · ${say("version", { v: desk.me?.version ?? "" })}</span></div>
    `,
    dismiss,
  );
}

const keys: [string[], Word][] = [
  [["j", "k", "↓", "↑"], "key_move"],
  [["Enter"], "key_open"],
  [["c"], "claim"],
  [["d"], "dispatch"],
  [["n"], "note"],
  [["r"], "resolve"],
  [["x"], "close"],
  [["g"], "key_queue"],
  [["p"], "open_call"],
  [["b"], "book"],
  [["Esc"], "key_escape"],
  [["?"], "help"],
];

export function helpDialog(dismiss: () => void): TemplateResult {
  return frame(
    say("help"),
    html`
      <section>
        <h3>${say("help_what")}</h3>
        <ol class="help-way">
          ${(["help_1", "help_2", "help_3", "help_4", "help_5"] as const).map((each) => html`<li>${say(each)}</li>`)}
        </ol>
      </section>
      <section>
        <h3>${say("help_title")}</h3>
        <dl class="keys">
          ${keys.map(([presses, what]) => html`<div><dt>${presses.map((each) => html`<kbd>${each}</kbd>`)}</dt><dd>${say(what)}</dd></div>`)}
        </dl>
      </section>
    `,
    dismiss,
  );
}
