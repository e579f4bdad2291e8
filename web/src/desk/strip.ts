/** The annunciator: three lamps that are always in the same place. What waits, the connection, the sound. */
import { html, nothing, type TemplateResult } from "lit-html";
import { age, stopwatch } from "./clock";
import { groups, open } from "./incidents";
import { icon } from "./icons";
import { soundState, turnOn } from "./siren";
import { changed, desk } from "./state";
import { only } from "../drill/mark";
import { say } from "./words";

function waitingLamp(): TemplateResult {
  const { waiting } = groups();
  const first = waiting[0];
  if (!first && desk.live !== "on" && desk.live !== "connecting") {
    // no news is not good news while nothing can be heard
    return html`<div class="lamp warn" data-test="siren" data-ringing="off">
      <span class="lamp-icon">${icon("other")}</span><span class="lamp-text"><strong>${say("quiet_unknown")}</strong></span>
    </div>`;
  }
  if (!first) {
    return html`<div class="lamp calm" data-test="siren" data-ringing="off">
      <span class="lamp-icon">${icon("check")}</span><span class="lamp-text">${desk.loaded ? say("quiet") : say("loading")}</span>
    </div>`;
  }
  const text = only(waiting, waiting.length === 1 ? say("waiting_one") : say("waiting_many", { n: waiting.length }));
  return html`<button class="lamp alarm ringing ${waiting.every((each) => each.drill) ? "drilled" : ""}" data-test="siren" data-ringing="on" @click=${() => open(first.id)}>
    <span class="lamp-icon">${icon("bell")}</span>
    <span class="lamp-text"><strong>${text}</strong> <span class="lamp-more">${say("longest", { time: stopwatch(age(first.opened_at)) })} · ${say("show_oldest")}</span></span>
  </button>`;
}

function connectionLamp(): TemplateResult {
  const words = {
    on: ["calm", say("live_on"), ""],
    connecting: ["plain", say("live_connecting"), ""],
    lost: ["warn", say("live_lost"), say("live_lost_why")],
    signed_out: ["warn", say("live_signed_out"), ""],
    not_allowed: ["warn", say("live_not_allowed"), ""],
  } as const;
  const [tone, text, why] = words[desk.live];
  return html`<div class="lamp ${tone}" data-test="connection" data-state=${desk.live} role="status" title=${why}>
    <span class="lamp-icon">${icon(tone === "warn" ? "broken" : "linked")}</span>
    <span class="lamp-text"><strong>${text}</strong>${why ? html` <span class="lamp-more">${why}</span>` : nothing}</span>
    ${desk.live === "signed_out" ? html`<a class="button" href="/desk/sign-in/">${say("sign_in_again")}</a>` : nothing}
  </div>`;
}

function soundLamp(): TemplateResult {
  const now = soundState();
  const ringing = groups().waiting.length > 0;
  if (now === "blocked") {
    return html`<button class="lamp warn blocked" data-test="sound-on" data-sound="blocked" title=${say("sound_blocked_why")} @click=${() => void turnOn()}>
      <span class="lamp-icon">${icon("mute")}</span><span class="lamp-text"><strong>${say("sound_blocked")}</strong></span>
    </button>`;
  }
  return html`<button
    class="lamp ${now === "none" ? "warn" : ringing ? "alarm" : "calm"}"
    data-test="sound-on"
    data-sound=${now}
    @click=${() => {
      desk.dialog = { name: "settings" };
      changed();
    }}
  >
    <span class="lamp-icon">${icon(now === "none" ? "mute" : "sound")}</span>
    <span class="lamp-text">${now === "none" ? say("sound_none") : ringing ? say("sound_ringing") : say("sound_on")}</span>
  </button>`;
}

export function strip(): TemplateResult {
  return html`<div class="strip">${waitingLamp()} ${connectionLamp()} ${soundLamp()}</div>`;
}
