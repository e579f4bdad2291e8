/** The screen of a running alarm: how far it has come, who comes, what more can be said. */
import { html, nothing, type TemplateResult } from "lit-html";
import { filesSection } from "../files/capture.ts";
import { clockTime } from "../i18n.ts";
import { askCancel, describe, dismiss, lostTouch, needsFallback, pressAgain, type Running, step, type Step } from "./alarm.ts";
import { draw } from "./draw.ts";
import { fallbackBar } from "./fallback.ts";
import { centerName, member } from "./member.ts";
import { waiting } from "./outbox.ts";
import { vibrate } from "./phone.ts";
import { meaning, pinField, pinsAreSet, sent } from "./pin.ts";
import { ALARMS, type AlarmKind } from "./signal.ts";
import { openSignIn } from "./signin.ts";
import { lookout } from "./where.ts";
import { ago, kindName, outcomeName, t } from "./words.ts";

const ORDER: Step[] = ["queued", "received", "seen", "on_the_way", "on_scene", "closed"];

export function runningScreen(alarm: Running): TemplateResult {
  const now = step(alarm);
  const urgent = needsFallback(alarm);
  const over = now === "closed";
  return html`<main class="running ${alarm.silent ? "running-quiet" : ""}">
      ${stateOf(alarm, now, urgent)} ${over ? nothing : steps(now)}
      ${
        over
          ? html`<button type="button" class="button button-main" data-test="done" @click=${() => void dismiss()}>${t("close")}</button>`
          : html`${where(alarm)} ${again(alarm)} ${kinds(alarm)} ${filesSection(alarm)} ${texts(alarm)} ${cancel(alarm)}`
      }
    </main>
    ${fallbackBar(urgent)}`;
}

/** For tests and for the eye: one place that says how it stands. */
function stateOf(alarm: Running, now: Step, urgent: boolean): TemplateResult {
  const { answer } = alarm;
  const live = alarm.silent ? "off" : urgent ? "assertive" : "polite"; // a silent alarm is not read aloud
  return html`<section class="state state-${now} ${urgent ? "state-urgent" : ""}" data-test="state" data-state=${now} data-incident=${answer?.incident ?? nothing} aria-live=${live} aria-atomic="true">
    <h1>${title(alarm, now, urgent)}</h1>
    <p class="state-center" data-test="center">${now === "queued" ? centerName() : (answer?.center ?? centerName())}</p>
    <p class="state-who" data-test="claimed-by">${now !== "queued" && answer?.claimed_by ? t("by", { who: answer.claimed_by }) : nothing}</p>
    <p class="state-why">${why(alarm, now, urgent)}</p>
    ${member.expired || !member.token ? html`<button type="button" class="link" data-test="sign-in-again" @click=${openSignIn}>${t("signInAgain")}</button>` : nothing}
    ${
      answer?.dispatched?.length && now !== "closed"
        ? html`<ul class="who" data-test="dispatched">
            ${answer.dispatched.map((each) => html`<li data-state=${each.state}><strong>${each.who}</strong> <span>${dispatchState(each.state)}</span></li>`)}
          </ul>`
        : nothing
    }
  </section>`;
}

function title(alarm: Running, now: Step, urgent: boolean): string {
  switch (now) {
    case "queued":
      return urgent ? t("notYet") : t("queued");
    case "received":
      return t("received");
    case "seen":
      return t("seen");
    case "on_the_way":
      return alarm.answer?.dispatched?.some((each) => each.state !== "sent") ? t("onTheWay") : t("helpSent");
    case "on_scene":
      return alarm.answer?.state === "resolved" ? t("resolved") : t("onScene");
    case "closed":
      return t("closed");
  }
}

function why(alarm: Running, now: Step, urgent: boolean): string {
  if (now === "queued") return urgent ? (member.expired || !member.token ? t("notYetSignedOut") : t("notYetWhy")) : t("queuedWhy");
  if (now === "closed") {
    const { closed_at, outcome } = alarm.answer ?? {};
    return [outcomeName(outcome), closed_at ? t("closedWhy", { time: clockTime(closed_at) }) : ""].filter(Boolean).join(" · ");
  }
  if (lostTouch(alarm)) return t("lost", { time: clockTime(new Date(alarm.heardAt ?? alarm.lastPress), true) });
  if (alarm.cancelAsked || alarm.answer?.cancel_requested) return alarm.silent ? t("cancelAskedSilent") : t("cancelAsked");
  if (now === "received") return t("receivedWhy");
  return alarm.silent ? t("seenWhySilent") : t("seenWhy");
}

function dispatchState(state: "sent" | "on_the_way" | "on_scene" | "done"): string {
  return t(`dispatch_${state}`);
}

function steps(now: Step): TemplateResult {
  const reached = Math.min(ORDER.indexOf(now), 3);
  const names = [t("stepSent"), t("stepReceived"), t("stepSeen"), t("stepHelp")];
  return html`<ol class="steps">
    ${names.map((name, index) => {
      const done = index === 0 ? reached > 0 : index <= reached;
      return html`<li class=${done ? "done" : index === reached + (reached ? 1 : 0) ? "next" : ""}>
        <span class="mark" aria-hidden="true">${done ? "✓" : index + 1}</span>${name}
      </li>`;
    })}
  </ol>`;
}

function where(alarm: Running): TemplateResult {
  const { sight, last } = lookout();
  const words =
    sight === "found" && last
      ? t(alarm.through ? "whereFound" : "whereKept", { accuracy: Math.round(last.accuracy ?? 0) || "?", age: ago(last.at) })
      : sight === "denied"
        ? t("whereDenied")
        : sight === "missing"
          ? t("whereMissing")
          : sight === "searching"
            ? t("whereSearching")
            : t("whereOff");
  return html`<p class="where" data-test="where" data-sight=${sight}>${words}${sight === "found" ? html`<br />${t("whereWhileOpen")}` : nothing}</p>`;
}

function again(alarm: Running): TemplateResult {
  const send = () => {
    if (!alarm.silent) vibrate(80);
    pressAgain();
  };
  return html`<div class="again">
    <button type="button" class="button button-alarm" data-test="again" @click=${send}>${t("again")}</button>
    <small role="status">${alarm.presses.length > 1 ? t("againCount", { count: alarm.presses.length }) : nothing}</small>
  </div>`;
}

function kinds(alarm: Running): TemplateResult {
  const chosen: AlarmKind | undefined = alarm.alarm ?? alarm.answer?.alarm ?? undefined;
  return html`<section aria-labelledby="what">
    <h2 id="what">${t("whatIsIt")}</h2>
    <div class="kinds">
      ${ALARMS.map(
        (kind) =>
          html`<button type="button" class="button kind" data-test="kind-${kind}" aria-pressed=${kind === chosen} @click=${() => describe({ alarm: kind })}>
            ${kindName(kind)}
          </button>`,
      )}
    </div>
  </section>`;
}

function texts(alarm: Running): TemplateResult {
  const send = (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("text") as HTMLTextAreaElement;
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    describe({ text });
  };
  return html`<section>
    <form class="say" @submit=${send}>
      <label for="text">${t("message")}</label>
      <textarea id="text" name="text" data-test="text" rows="2" maxlength="500" placeholder=${t("messageHint")}></textarea>
      <button type="submit" class="button" data-test="send-text">${t("send")}</button>
    </form>
    <ul class="said" data-test="said">
      ${alarm.texts.map((each) => html`<li>${each.text} <small>${waiting(each.uuid) ? t("textWaiting") : t("texted")}</small></li>`)}
    </ul>
  </section>`;
}

let asking = false; // for the PIN
let wrong = "";

function cancel(alarm: Running): TemplateResult {
  const asked = Boolean(alarm.cancelAsked || alarm.answer?.cancel_requested);
  return html`<div class="cancel">
    ${asking && !asked ? pinForm() : html`<button type="button" class="button" data-test="cancel" ?disabled=${asked} @click=${askForPin}>${t("cancel")}</button>`}
    <p data-test="cancel-asked" aria-live=${alarm.silent ? "off" : "polite"}>${asked ? (alarm.silent ? t("cancelAskedSilent") : t("cancelAsked")) : nothing}</p>
  </div>`;
}

function askForPin(): void {
  wrong = "";
  asking = pinsAreSet();
  if (!asking) askCancel();
  else draw();
}

function pinForm(): TemplateResult {
  return html`<form
    class="pins"
    @submit=${sent(async (value) => {
      const said = await meaning(value("running"));
      asking = said === null;
      wrong = said === null ? t("pinWrong") : "";
      if (said) askCancel(said === "duress");
      else draw();
    })}
  >
    ${pinField("running", t("pinAsked"))}
    <button type="submit" class="button" data-test="pin-send">${t("cancel")}</button>
    <p class="problem" role="alert" data-test="pin-wrong">${wrong || nothing}</p>
  </form>`;
}
