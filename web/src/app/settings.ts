/** Settings: language, location, a test, notifications, devices, signing out. */
import { html, nothing, type TemplateResult } from "lit-html";
import { forgetAll } from "../files/queue.ts";
import { language, setLanguage } from "../i18n.ts";
import { pushControls } from "../push/section.ts";
import { t as tPush } from "../push/words.ts";
import { openAccount } from "./account.ts";
import { openDevices } from "./devices.ts";
import { draw } from "./draw.ts";
import { centerName, member, signOut } from "./member.ts";
import { alarmsWaiting, forgetFollowing } from "./outbox.ts";
import { pinsSection } from "./pin.ts";
import { openReach } from "./reach.ts";
import { openPrivacy } from "./privacy.ts";
import { push } from "./push.ts";
import { openSeen } from "./seen.ts";
import { testSection } from "./test.ts";
import { askPermission, forgetWhere, lookout } from "./where.ts";
import { t } from "./words.ts";

let open = false;
let sure = false;

export function settingsAreOpen(): boolean {
  return open;
}

export function openSettings(wanted: boolean): void {
  open = wanted;
  sure = false;
  if (!wanted) push.forget();
  draw();
}

export function settingsScreen(): TemplateResult {
  const { permission } = lookout();
  return html`<main class="settings">
    <h1>${t("settings")}</h1>
    ${testSection()}
    <section>
      <h2>${t("languageTitle")}</h2>
      <div class="pair">
        <button type="button" class="button" lang="zh-Hans" data-test="language-zh" aria-pressed=${language() === "zh-Hans"} @click=${() => setLanguage("zh-Hans")}>中文</button>
        <button type="button" class="button" lang="en" data-test="language-en" aria-pressed=${language() === "en"} @click=${() => setLanguage("en")}>English</button>
      </div>
    </section>
    <section>
      <h2>${t("locationTitle")}</h2>
      <p class="soft">${permission === "granted" ? t("locationAllowed") : permission === "denied" ? t("locationDenied") : t("locationWhy")}</p>
      ${permission === "prompt" ? html`<button type="button" class="button" @click=${askPermission}>${t("allowLocation")}</button>` : nothing}
    </section>
    <section>
      <h2>${tPush("notifyPhone")}</h2>
      ${pushControls(push, tPush("notifyPhoneWhy"))}
    </section>
    ${pinsSection()}
    <section>
      <h2>${t("devicesTitle")}</h2>
      <p class="soft">${t("devicesWhy")}</p>
      <button type="button" class="button" data-test="my-devices" @click=${openDevices}>${t("devicesOpen")}</button>
    </section>
    <section>
      <h2>${t("phonesTitle")}</h2>
      <p class="soft">${t("phonesWhy")}</p>
      <button type="button" class="button" data-test="my-phones" @click=${() => openAccount("phones")}>${t("phonesOpen")}</button>
    </section>
    <section>
      <h2>${t("numberTitle")}</h2>
      <button type="button" class="button" data-test="my-number" @click=${() => openAccount("number")}>${t("numberChange")}</button>
    </section>
    <section>
      <h2>${t("looksTitle")}</h2>
      <p class="soft">${t("looksWhy")}</p>
      <button type="button" class="button" data-test="my-looks" @click=${() => openSeen("looks")}>${t("looksOpen")}</button>
    </section>
    <section>
      <h2>${t("profileTitle")}</h2>
      <p class="soft">${t("profileWhy")}</p>
      <button type="button" class="button" data-test="my-profile" @click=${() => openSeen("profile")}>${t("profileOpen")}</button>
    </section>
    <section>
      <h2>${t("relativesTitle")}</h2>
      <p class="soft">${t("relativesWhy")}</p>
      <button type="button" class="button" data-test="my-relatives" @click=${() => openReach("relatives")}>${t("relativesOpen")}</button>
    </section>
    <section>
      <h2>${t("contactsTitle")}</h2>
      <p class="soft">${t("contactsWhy")}</p>
      <button type="button" class="button" data-test="my-contacts" @click=${() => openReach("contacts")}>${t("contactsOpen")}</button>
    </section>
    <section>
      <h2>${t("mydataTitle")}</h2>
      <p class="soft">${t("mydataWhy")}</p>
      <button type="button" class="button" data-test="my-data" @click=${openPrivacy}>${t("mydataOpen")}</button>
    </section>
    <section>
      <h2>${t("accountTitle")}</h2>
      <p class="soft">${[member.me?.name, centerName()].filter(Boolean).join(" · ")}</p>
      ${account()}
    </section>
  </main>`;
}

function account(): TemplateResult {
  if (alarmsWaiting()) return html`<p class="warn">${t("signOutLater")}</p>`;
  if (!sure) return html`<button type="button" class="button" data-test="sign-out" @click=${() => ask(true)}>${t("signOut")}</button>`;
  return html`<p role="alert">${t("signOutSure")}</p>
    <div class="pair">
      <button type="button" class="button" data-test="stay" @click=${() => ask(false)}>${t("stay")}</button>
      <button type="button" class="button button-alarm" data-test="sign-out-yes" @click=${() => void leave()}>${t("signOutYes")}</button>
    </div>`;
}

function ask(wanted: boolean): void {
  sure = wanted;
  draw();
}

/** This phone is nobody's any more. */
export async function leave(): Promise<void> {
  await forgetFollowing();
  await forgetAll();
  await forgetWhere();
  await push.end().catch(() => undefined);
  await signOut();
  openSettings(false);
}
