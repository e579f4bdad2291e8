/** The duty desk: one page that an officer watches through the night. Read from the top: draw, follow, begin. */
import "../tokens.css";
import "./desk.css";
import "../drill/drill.css";
import { html, nothing, render } from "lit-html";
import { language, languageWasChosen, markPage, onLanguage, setLanguage } from "../i18n";
import { api, Problem } from "./api";
import { bookPage, forgetBook, toBook, written } from "./book";
import { countTroubled, DEVICES, devicesInLanguage, devicesPanel, mayPair, settleDevices, toDevices } from "./devices";
import { dialogContent, dismiss, settle } from "./dialogs";
import { icon } from "./icons";
import { explain, fetchAll, fetchTold, follow, groups, open, whenOpened } from "./incidents";
import { incidentPanel } from "./incident";
import { Live, type Connection } from "./live";
import { morePanel, moreAnew, PLANS, showsMore, toPlans } from "./more";
import { beginMap, mapOver, showCenter, updateMap } from "./map";
import { tell, tidy, who } from "./notify";
import { callPanel, toCall } from "./opencall";
import { concernsRoster, lookWhoIsOn, noteToRead, ROSTER, rosterPane, rosterPanel, settleRoster, toRoster } from "./roster";
import { leave, push } from "./push";
import { focusedRow, focusRow, queue } from "./queue";
import { listen } from "./shortcuts";
import * as siren from "./siren";
import { centerName, changed, desk, drawWith, type Pane } from "./state";
import { lookWhetherServed, unserved } from "./served";
import { strip } from "./strip";
import { applyTheme } from "./theme";
import { toast, toasts } from "./toast";
import { top } from "./top";
import { marked } from "../drill/mark";
import { kindName, say, type Word } from "./words";
import type { Incident, LiveEvent } from "./types";

const KEPT_CENTER = "tocsin.center";
const page = document.documentElement;
const root = document.querySelector<HTMLElement>("#desk")!;
let live: Live | null = null;
let announced = "";

// ── draw ────────────────────────────────────────────────────────────────────

const tabs: [Pane, Word, string][] = [["queue", "queue", "bell"], ["panel", "incident", "pen"], ["map", "map", "pin"]];

function draw(): void {
  const waiting = groups().waiting.length;
  siren.ring(waiting);
  siren.titleIs(`${desk.live === "lost" ? `⚠ ${say("live_lost")} · ` : ""}${centerName(desk.center)} · ${say("desk")}`);
  tidy();
  const row = focusedRow();
  const inVerbs = document.activeElement?.closest(".verbs, .sent-does") != null;
  render(desk.failed === null ? whole(waiting) : failed(desk.failed), root);
  const dialog = root.querySelector("dialog");
  if (dialog) settle(dialog);
  if (document.activeElement === document.body) {
    // what had the focus is gone: stay near it, for those who work by keyboard
    if (row !== null) focusRow(row);
    else if (inVerbs) root.querySelector<HTMLElement>("#panel")?.focus({ preventScroll: true });
  }
  settleDevices();
  settleRoster();
  updateMap();
}

function failed(why: string) {
  return html`<main class="failed" role="alert">
    <h1>${say("problem_start")}</h1>
    <p>${why}</p>
    <p>
      <button class="button accent" data-test="retry" @click=${() => location.reload()}>${say("retry")}</button>
      <a class="button" href="/desk/sign-in/">${say("sign_in_again")}</a>
    </p>
  </main>`;
}

function whole(waiting: number) {
  return html`
    <a class="skip" href="#queue">${say("skip_queue")}</a>
    <a class="skip" href="#panel">${say("skip_panel")}</a>
    <header class="top">
      <h1 class="hidden">${say("desk")}</h1>
      ${top({ center: watch, language: otherLanguage, call: toCall, book: toBook, devices: toDevices, signOut: () => void leave() })}
    </header>
    ${strip()} ${unserved()} ${noteToRead()}
    <main class="desk v-${desk.view} p-${desk.pane}">
      <section class="queue" id="queue" tabindex="-1" data-test="queue" aria-label=${say("queue")}>${queue()}</section>
      <section class="panel" id="panel" tabindex="-1" aria-label=${say("incident")}>
        ${desk.view === "call" ? callPanel() : desk.view === "book" ? bookPage() : desk.view === "devices" ? devicesPanel() : desk.view === "roster" ? rosterPanel() : showsMore() ? morePanel() : incidentPanel()}
      </section>
      <div class="map" data-test="map">
        <div id="map-canvas"></div>
        <div class="map-over">${mapOver()}</div>
      </div>
    </main>
    <nav class="panes" aria-label=${say("desk")}>
      ${tabs.map(
        ([pane, word, picture]) => html`<button
          data-test=${`pane-${pane}`}
          aria-pressed=${desk.pane === pane && !(pane === "panel" && (desk.view === "devices" || desk.view === "roster" || showsMore())) ? "true" : "false"}
          @click=${() => {
            desk.pane = pane;
            if (desk.view === "devices" || desk.view === "roster" || showsMore() || (pane !== "panel" && desk.view === "book")) desk.view = "incident";
            changed();
          }}
        >
          ${icon(picture)}<span>${say(word)}</span>${pane === "queue" && waiting ? html`<span class="count alarm">${waiting}</span>` : nothing}
        </button>`,
      )}
      ${mayPair()
        ? html`<button data-test="pane-devices" aria-pressed=${desk.view === "devices" && desk.pane === "panel" ? "true" : "false"} @click=${toDevices}>
            ${icon("device")}<span>${say("devices")}</span>
          </button>`
        : nothing}
      ${rosterPane()}
    </nav>
    <div class="hidden" role="log" aria-live="polite" data-test="announce">${announced}</div>
    ${toasts()}
    <dialog aria-labelledby="dialog-title" @close=${closed} data-test="dialog">${dialogContent()}</dialog>
  `;
}

/** Escape closed the dialog by itself (its event comes late: another one may be open by then). */
function closed(event: Event): void {
  if (!(event.target as HTMLDialogElement).open) dismiss();
}

// ── follow ──────────────────────────────────────────────────────────────────

function heard(event: LiveEvent): void {
  if (event.type === "entry") written(event.entry);
  if (event.type === "entry" && event.entry.kind.startsWith("device_")) troubled();
  if (event.type === "entry" && concernsRoster(event.entry.kind)) void lookWhoIsOn();
  follow(event);
}

function connection(now: Connection, again: boolean): void {
  desk.live = now;
  page.dataset["live"] = now === "on" ? "on" : "lost";
  if (now === "on" && again) toast(say("caught_up"));
  if (now === "on") void fetchAll().catch(() => undefined);
  changed();
}

function opened(incident: Incident): void {
  announced = marked(incident, say("new_alarm", { kind: kindName(incident.alarm), who: who(incident), center: centerName(incident.center) }));
  tell(incident);
  if (desk.selected === null && desk.view === "incident") openQuietly();
}

/** With nothing in the panel, show the one that waits longest; never take away what an officer is reading. */
function openQuietly(): void {
  const first = groups().waiting[0];
  const pane = desk.pane;
  if (first && desk.selected === null && desk.view === "incident") {
    open(first.id);
    desk.pane = pane;
  }
}

/** An officer who dozes must hear that the desk hears nothing: after 10 s, then every 30 s. */
let cutOff = 0;
function warnIfCutOff(): void {
  cutOff = desk.live === "on" || desk.live === "connecting" ? 0 : cutOff + 1;
  if (cutOff >= 2 && (cutOff - 2) % 6 === 0) siren.warn();
}

/** Watch a center: take the book's head, fetch what is open, and follow from there. */
function watch(code: string): void {
  if (desk.center !== code) {
    desk.incidents.clear();
    desk.selected = null;
    desk.detail = null;
    desk.loaded = false;
  }
  if (desk.center !== code) desk.troubled = { silent: 0, trouble: 0 };
  desk.center = code;
  localStorage.setItem(KEPT_CENTER, code);
  live?.stop();
  live = null;
  desk.live = "connecting";
  page.dataset["live"] = "lost";
  showCenter();
  moreAnew();
  forgetBook();
  void start(code, 0);
  changed();
}

async function start(code: string, tries: number): Promise<void> {
  try {
    const { head } = await api.book(code, 0, 1);
    if (desk.center !== code || live) return;
    live = new Live(code, language().toLowerCase(), head, { heard, connection });
    await fetchAll();
    openQuietly();
    troubled();
    void lookWhoIsOn();
  } catch (trouble) {
    if (trouble instanceof Problem && (trouble.status === 401 || trouble.status === 403)) return connection("signed_out", false);
    if (desk.center !== code || live) return;
    connection("lost", false);
    window.setTimeout(() => void start(code, tries + 1), Math.min(2000, 300 * 2 ** tries));
  }
}

function troubled(): void {
  void countTroubled().catch(() => undefined);
}

function otherLanguage(): void {
  setLanguage(language() === "en" ? "zh-Hans" : "en");
}

// ── begin ───────────────────────────────────────────────────────────────────

async function meet(): Promise<void> {
  try {
    const [me, centers] = await Promise.all([api.me(), api.centers()]);
    desk.me = me;
    desk.centers = centers;
    void push.mend();
    if (!languageWasChosen() && me.language) setLanguage(me.language.toLowerCase().startsWith("zh") ? "zh-Hans" : "en", false);
    const kept = localStorage.getItem(KEPT_CENTER);
    const first = me.centers.find((each) => each.code === kept) ?? me.centers[0];
    if (!first) desk.failed = say("no_centers");
    else {
      watch(first.code);
      if (location.pathname === DEVICES && mayPair()) toDevices();
      if (location.pathname === ROSTER) toRoster();
      if (location.pathname === PLANS) toPlans();
    }
  } catch (trouble) {
    if (trouble instanceof Problem && (trouble.status === 401 || trouble.status === 403)) return location.assign("/desk/sign-in/");
    desk.failed = explain(trouble);
    window.setTimeout(() => {
      desk.failed = null;
      void begin();
    }, 3000);
  }
  changed();
}

async function begin(): Promise<void> {
  await meet();
  const container = root.querySelector<HTMLElement>("#map-canvas");
  if (container && desk.failed === null) void beginMap(container);
}

onLanguage(() => {
  if (desk.center) watch(desk.center);
  devicesInLanguage();
  moreAnew();
  void api.centers().then((centers) => {
    desk.centers = centers;
    changed();
  }).catch(() => undefined);
  changed();
});

markPage();
page.dataset["live"] = "lost";
applyTheme();
siren.begin();
drawWith(draw);
whenOpened(opened);
listen();
draw();
window.setInterval(changed, 1000); // the stopwatches
window.setInterval(warnIfCutOff, 5000);
window.setInterval(troubled, 60_000);
window.setInterval(() => desk.live === "on" && void fetchTold(), 4000); // receipts and reads are not in the book
window.setInterval(() => void lookWhetherServed().catch(() => undefined), 5000);
window.setInterval(() => void lookWhoIsOn(), 60_000);
window.setInterval(() => desk.live === "on" && void fetchAll().catch(() => undefined), 45_000); // for safety only
void begin();
