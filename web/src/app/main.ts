/** The member's app: which screen, and what wakes it. */
import { html, nothing, render, type TemplateResult } from "lit-html";
import { startFiles } from "../files/capture.ts";
import { language, markPage, onLanguage, setLanguage } from "../i18n.ts";
import "../tokens.css";
import "./app.css";
import { languageChanged, loadAlarm, resume, runningAlarm } from "./alarm.ts";
import { accountIsOpen, accountScreen } from "./account.ts";
import { devicesAreOpen, devicesInLanguage, devicesScreen } from "./devices.ts";
import { draw, drawWith } from "./draw.ts";
import { loadMember, member, refreshMember } from "./member.ts";
import { dutyInLanguage, dutyIsOpen, dutyScreen, openDuty } from "./duty.ts";
import { handOver, refresh, wake } from "./outbox.ts";
import { watchBattery } from "./phone.ts";
import { loadPins } from "./pin.ts";
import { pressScreen, release } from "./press.ts";
import { privacyInLanguage, privacyIsOpen, privacyScreen } from "./privacy.ts";
import { push } from "./push.ts";
import { quietScreen } from "./quiet.ts";
import { reachIsOpen, reachScreen } from "./reach.ts";
import { runningScreen } from "./running.ts";
import { openSeen, seenInLanguage, seenIsOpen, seenScreen } from "./seen.ts";
import { openSettings, settingsAreOpen, settingsScreen } from "./settings.ts";
import { signInIsAsked, signInScreen } from "./signin.ts";
import { loadWhere } from "./where.ts";
import { t } from "./words.ts";

function screen(): TemplateResult {
  const alarm = runningAlarm();
  if (signInIsAsked()) return html`${top(false)} ${signInScreen()}`;
  if (alarm?.silent) return quietScreen(alarm);
  if (alarm) return html`${top(false)} ${runningScreen(alarm)}`;
  if (!member.token) return html`${top(false)} ${signInScreen()}`;
  if (accountIsOpen()) return html`${top(false)} ${accountScreen()}`;
  if (devicesAreOpen()) return html`${top(false)} ${devicesScreen()}`;
  if (dutyIsOpen()) return html`${top(false)} ${dutyScreen()}`;
  if (reachIsOpen()) return html`${top(false)} ${reachScreen()}`;
  if (seenIsOpen()) return html`${top(false)} ${seenScreen()}`;
  if (privacyIsOpen()) return html`${top(false)} ${privacyScreen()}`;
  if (settingsAreOpen()) return html`${top(true)} ${settingsScreen()}`;
  return html`${top(true)} ${pressScreen()}`;
}

function top(withSettings: boolean): TemplateResult {
  const other = language() === "en" ? "zh-Hans" : "en";
  return html`<header class="top">
    <strong class="brand">${t("brand")}</strong>
    ${member.me?.demo ? html`<span class="badge">${t("demo")}</span>` : nothing}
    <span class="gap"></span>
    <button type="button" class="plain" lang=${other} data-test="language" aria-label=${t("switchLanguage")} @click=${() => setLanguage(other)}>${t("otherLanguage")}</button>
    ${withSettings && member.me?.sent ? html`<button type="button" class="plain" data-test="sent-open" @click=${() => openSeen("sent")}>${t("sent")}</button>` : nothing}
    ${withSettings && member.me?.duty ? html`<button type="button" class="plain" data-test="duty" @click=${openDuty}>${t("duty")}</button>` : nothing}
    ${
      withSettings
        ? html`<button type="button" class="plain" data-test="settings" aria-expanded=${settingsAreOpen()} @click=${() => openSettings(!settingsAreOpen())}>
            ${settingsAreOpen() ? t("back") : t("settings")}
          </button>`
        : nothing
    }
  </header>`;
}

async function start(): Promise<void> {
  markPage();
  // The page must be able to alarm even where the phone's storage answers late: each load gives up by itself.
  await Promise.all([loadMember(), refresh()]);
  await Promise.all([loadAlarm(), loadWhere(), loadPins()]);
  drawWith(() => {
    document.title = runningAlarm()?.silent ? t("tips") : "守望 Tocsin";
    render(screen(), document.getElementById("app") as HTMLElement);
  });
  draw();
  wake();
  void refreshMember();
  void watchBattery();
  void startFiles();
  void navigator.serviceWorker?.register("/app/worker.js", { scope: "/app/" }).catch(() => undefined);
  if (member.token) void push.mend();
}

onLanguage(() => {
  languageChanged();
  devicesInLanguage();
  dutyInLanguage();
  privacyInLanguage();
  seenInLanguage();
  draw();
});
addEventListener("online", () => {
  void resume();
  void refreshMember();
});
addEventListener("offline", draw);
addEventListener("pageshow", (event) => event.persisted && void resume());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void resume();
  else {
    release();
    void handOver();
  }
});

void start();
