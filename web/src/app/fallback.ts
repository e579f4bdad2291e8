/** The way without data: a call, or a text message already written. */
import { html, nothing, type TemplateResult } from "lit-html";
import { clockTime } from "../i18n.ts";
import { runningAlarm } from "./alarm.ts";
import { centerName, member } from "./member.ts";
import { plusCode } from "./pluscode.ts";
import { lookout } from "./where.ts";
import { kindName, t } from "./words.ts";

const POLICE = "10111";
const ANY_EMERGENCY = "112";

export function callHref(): string {
  return `tel:${bare(member.me?.center?.phone) || POLICE}`;
}

/** Null without a number that somebody reads. `?&body=` is understood by Android and iOS alike. */
export function smsHref(): string | null {
  const number = bare(member.me?.center?.sms);
  return number ? `sms:${number}?&body=${encodeURIComponent(smsText())}` : null;
}

export function smsText(): string {
  const alarm = runningAlarm();
  const { last } = lookout();
  const place = last ? `${plusCode(last.lat, last.lon)} ${last.lat.toFixed(5)},${last.lon.toFixed(5)} (${clockTime(last.at)})` : "";
  const said = alarm?.texts.map((each) => each.text).join("; ") ?? "";
  const text = t("smsText", {
    name: member.me?.name ?? "",
    kind: alarm?.alarm ? kindName(alarm.alarm) : "",
    time: clockTime(alarm?.pressedAt ?? new Date()),
    place,
  });
  return `${text} ${said}`.replace(/\s+/g, " ").trim();
}

/** The two big links at the bottom of every screen of a member. */
export function fallbackBar(urgent: boolean): TemplateResult {
  const sms = smsHref();
  const center = centerName() || POLICE;
  return html`<nav class="bar ${urgent ? "bar-urgent" : ""}" data-test="fallback">
    <a class="button ${urgent ? "button-alarm" : ""}" data-test="call" href=${callHref()} aria-label=${t("callCenter", { center })}>${t("call")}</a>
    ${sms ? html`<a class="button ${urgent ? "button-alarm" : ""}" data-test="sms" href=${sms} aria-label=${t("smsCenter", { center })}>${t("sms")}</a>` : nothing}
  </nav>`;
}

/** For a phone that we know nothing of. */
export function emergencyNumbers(): TemplateResult {
  return html`<section class="emergency" aria-label=${t("emergencyNow")}>
    <h2>${t("emergencyNow")}</h2>
    <nav class="pair">
      <a class="button button-alarm" data-test="call" href="tel:${POLICE}">${t("callNumber", { number: POLICE })}<small>${t("police")}</small></a>
      <a class="button button-alarm" data-test="call-112" href="tel:${ANY_EMERGENCY}">${t("callNumber", { number: ANY_EMERGENCY })}<small>${t("anyEmergency")}</small></a>
    </nav>
  </section>`;
}

function bare(number: string | null | undefined): string {
  return (number ?? "").replace(/[^\d+*#]/g, "");
}
