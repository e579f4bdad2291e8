/** The button: hold it for one and a half seconds, with a thumb or a key. It asks nothing of network, position or sign-in. */
import { html, svg, type TemplateResult } from "lit-html";
import { press, runningAlarm } from "./alarm.ts";
import { draw } from "./draw.ts";
import { fallbackBar } from "./fallback.ts";
import { centerName, member } from "./member.ts";
import { alarmsWaiting } from "./outbox.ts";
import { vibrate } from "./phone.ts";
import { openSignIn } from "./signin.ts";
import { askPermission, look, lookout, stopLooking } from "./where.ts";
import { t } from "./words.ts";

const HOLD = 1_500;

let holding: ReturnType<typeof setTimeout> | undefined;
let tooShort = false;
let silent = false;
let byKey = false;
let lastTouch = 0;

function begin(): void {
  if (holding !== undefined) return;
  tooShort = false;
  holding = setTimeout(complete, HOLD);
  if (!silent) vibrate([40, 460, 40, 460, 40, 460]);
  look(silent); // a fix may come while the thumb is down; nothing waits for it
  draw();
}

function complete(): void {
  holding = undefined;
  byKey = false;
  const quiet = silent;
  silent = false;
  if (!quiet) vibrate([250, 100, 250]);
  press(quiet);
}

/** The thumb came off too early. */
export function release(): void {
  if (holding === undefined) return;
  clearTimeout(holding);
  holding = undefined;
  byKey = false;
  tooShort = true;
  vibrate(0);
  if (!runningAlarm()) stopLooking();
  draw();
}

const thumb = {
  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    lastTouch = event.timeStamp;
    try {
      (event.currentTarget as Element).setPointerCapture(event.pointerId); // a trembling thumb may slide
    } catch {
      // it is gone already
    }
    begin();
  },
  up(event: PointerEvent): void {
    lastTouch = event.timeStamp;
    release();
  },
};

const key = {
  down(event: KeyboardEvent): void {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (event.repeat) return;
    byKey = true;
    begin();
  },
  up(event: KeyboardEvent): void {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    release();
  },
};

/** A screen reader or a switch clicks and cannot hold: the first click begins, a second one within the time takes it back. */
function clicked(event: MouseEvent): void {
  if (byKey || event.detail > 0 || event.timeStamp - lastTouch < 1_000) return;
  if (holding === undefined) begin();
  else release();
}

function noMenu(event: Event): void {
  event.preventDefault();
}

export function pressScreen(): TemplateResult {
  const down = holding !== undefined;
  return html`<main class="press">
      <div class="press-top">
        <div class="center-name"><small>${t("yourCenter")}</small><h1>${centerName() || t("brand")}</h1></div>
        <div class="notice" role="status">${notice()}</div>
      </div>
      <div class="press-button">
        <button
          type="button"
          class="sos ${down ? "holding" : ""} ${silent ? "sos-quiet" : ""}"
          data-test="press"
          data-holding=${down}
          @pointerdown=${thumb.down}
          @pointerup=${thumb.up}
          @pointercancel=${thumb.up}
          @keydown=${key.down}
          @keyup=${key.up}
          @blur=${release}
          @click=${clicked}
          @contextmenu=${noMenu}
        >
          ${ring()}
          <span class="sos-word">${silent ? t("pressSilent") : t("press")}</span>
          <span class="sos-hint">${down ? t("keepHolding") : tooShort ? t("holdLonger") : t("holdToSend")}</span>
        </button>
      </div>
      <label class="switch">
        <input type="checkbox" role="switch" data-test="silent" .checked=${silent} @change=${switchSilent} />
        <span class="switch-track" aria-hidden="true"></span>
        <span class="switch-words"><strong>${t("silentSwitch")}</strong><small>${silent ? t("silentLegend") : t("silentWhy")}</small></span>
      </label>
    </main>
    ${fallbackBar(false)}`;
}

function ring(): TemplateResult {
  return html`<svg class="ring" viewBox="0 0 100 100" aria-hidden="true">
    ${svg`<circle class="ring-ground" cx="50" cy="50" r="47" /><circle class="ring-progress" cx="50" cy="50" r="47" pathLength="100" />`}
  </svg>`;
}

function switchSilent(event: Event): void {
  silent = (event.target as HTMLInputElement).checked;
  tooShort = false;
  draw();
}

/** One line at a time: the most important thing to know before a press. */
function notice(): TemplateResult {
  if (member.expired) return html`<p class="warn">${t("expired")}</p><button class="link" data-test="sign-in-again" @click=${openSignIn}>${t("signInAgain")}</button>`;
  if (alarmsWaiting()) return html`<p class="warn" data-test="waiting">${t("waitingAlarms")}</p>`;
  if (!navigator.onLine) return html`<p class="warn" data-test="offline">${t("offlineReady")}</p>`;
  const { permission } = lookout();
  if (permission === "denied") return html`<p>${t("locationDenied")}</p>`;
  if (permission === "prompt") return html`<p>${t("locationWhy")}</p><button class="link" data-test="allow-location" @click=${askPermission}>${t("allowLocation")}</button>`;
  return html`<p class="calm" data-test="ready">${t("ready")}</p>`;
}
