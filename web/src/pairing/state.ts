/** What the devices screen knows, its clock and its calls. One screen at a time, on the desk or in the app. */
import { clockTime } from "../i18n.ts";
import type { Detail, Device, New, Page, Protocol } from "./types.ts";
import { t } from "./words.ts";

export type AddStep = "kind" | "number" | "owner";
export type Part = "about" | "point" | "life" | "test" | "works";
export type View = { name: "list" } | { name: "add"; step: AddStep } | { name: "device"; id: number; part: Part };

const LIFE = 2_000; // ms between two looks while a person waits
const REST = 20_000; // and otherwise
export const TEST = 300_000; // ms that a test lasts
export const READY = 2_000; // until the gates have certainly heard that a test has begun

export const screen = {
  view: { name: "list" } as View,
  devices: null as Device[] | null,
  protocols: null as Protocol[] | null,
  detail: null as Detail | null,
  /** Being set up from the beginning: its pages say which step this is. */
  fresh: false,
  words: "",
  busy: false,
  problem: "",
  notice: "",
};

/** What the person has filled in so far; kept when they step back. */
export const draft = {
  device: blank(),
  kindWords: "",
  apn: "internet",
  network: "65501",
  password: null as string | null,
};

function blank(): New {
  return { protocol: "", identifier: "", name: "", settings: {}, sim: "" };
}

let lent: Page | null = null;
let ahead = 0; // the server's clock minus ours, in ms
let looked = 0;
let looking = false;
let timer: ReturnType<typeof setInterval> | undefined;

export function page(): Page {
  if (!lent) throw new Error("the devices screen is not open");
  return lent;
}

export const changed = (): void => lent?.changed();
export const staff = (): boolean => Boolean(lent?.staff);

/** Begin with the list, and look for news as long as the screen is open. */
export function openScreen(by: Page): void {
  lent = by;
  clearInterval(timer);
  timer = setInterval(tick, 1000);
  screen.devices = null;
  show({ name: "list" });
  void fetchProtocols();
}

export function closeScreen(): void {
  clearInterval(timer);
  timer = undefined;
}

/** Everything again in another language, or of another center. */
export function refetch(): void {
  screen.protocols = null;
  void fetchProtocols();
  void look();
}

export function show(view: View): void {
  const same = view.name === "device" && screen.view.name === "device" && view.id === screen.view.id;
  if (!same && view.name === "device" && screen.detail?.id !== view.id) screen.detail = null;
  if (view.name === "list") screen.fresh = false;
  screen.view = view;
  screen.problem = screen.notice = "";
  changed();
  void look();
  focusHeading();
}

/** A step forward is read aloud and begins at its top. */
function focusHeading(): void {
  setTimeout(() => {
    const heading = document.querySelector<HTMLElement>(".pairing [data-heading]");
    heading?.focus({ preventScroll: true });
    (heading?.closest(".pairing-scroll") ?? document.scrollingElement)?.scrollTo({ top: 0 });
  });
}

export function beginAdding(): void {
  draft.device = blank();
  draft.kindWords = "";
  draft.password = null;
  screen.fresh = true;
  show({ name: "add", step: "kind" });
}

export const protocolOf = (name: string): Protocol | undefined => screen.protocols?.find((each) => each.name === name);

// ── looking ─────────────────────────────────────────────────────────────────

export const now = (): number => Date.now() + ahead;

function waiting(): boolean {
  return screen.view.name === "device" && screen.view.part !== "about" && screen.view.part !== "works";
}

function tick(): void {
  if (document.visibilityState !== "visible") return;
  if (now() - looked > (waiting() ? LIFE : REST)) void look();
  if (waiting()) changed(); // the stopwatches
}

/** Look how it is now: the list, or the one device. A failure is not told while the next look will come. */
export async function look(): Promise<void> {
  if (looking || !lent) return;
  looking = true;
  looked = now();
  const view = screen.view;
  const asked = Date.now();
  try {
    if (view.name === "device") {
      const found = await lent.device(view.id);
      clock(found.now, asked);
      if (screen.view.name === "device" && screen.view.id === found.id) screen.detail = found;
      // a test that was begun elsewhere, or before the page was loaded anew
      if (found.testing_until && test.device !== found.id) Object.assign(test, { begun: Date.parse(found.testing_until) - TEST, device: found.id });
      screen.devices = screen.devices?.map((each) => (each.id === found.id ? found : each)) ?? null;
    } else if (view.name === "list") {
      const found = await lent.devices();
      clock(found.now, asked);
      screen.devices = found.items;
    }
    if (screen.problem === lastTrouble) screen.problem = "";
    moved();
  } catch (trouble) {
    if (!screen.devices || (view.name === "device" && !screen.detail)) screen.problem = lastTrouble = lent.explain(trouble);
  } finally {
    looking = false;
    if (screen.view !== view && screen.view.name !== "add") void look();
    changed();
  }
}
let lastTrouble = "-";

function clock(said: string, asked: number): void {
  ahead = Date.parse(said) - (asked + Date.now()) / 2;
}

/** The page goes on by itself: from the first sign of life to the test, from the test press to "works". */
function moved(): void {
  const { view, detail } = screen;
  if (view.name !== "device" || !detail || detail.id !== view.id) return;
  if (view.part === "life" && detail.heard_at) show({ ...view, part: "test" });
  if (view.part === "test" && test.device === detail.id && test.begun && detail.tested_at && Date.parse(detail.tested_at) >= test.begun) {
    forgetTest();
    show({ ...view, part: "works" });
  }
}

async function fetchProtocols(): Promise<void> {
  try {
    screen.protocols = await page().protocols();
  } catch (trouble) {
    screen.problem = page().explain(trouble);
  }
  changed();
}

// ── doing ───────────────────────────────────────────────────────────────────

/** A test under way: when it began by the server's clock, in ms; 0: none was begun here. */
export const test = { begun: 0, device: 0 };

export function forgetTest(): void {
  test.begun = test.device = 0;
}

/** Do one thing at a time; what was refused is said where the person looks. */
export async function attempt(work: () => Promise<void>): Promise<boolean> {
  if (screen.busy) return false;
  screen.busy = true;
  screen.problem = screen.notice = "";
  changed();
  try {
    await work();
    return true;
  } catch (trouble) {
    screen.problem = page().explain(trouble);
    return false;
  } finally {
    screen.busy = false;
    changed();
  }
}

export function act(id: number, verb: string, body: object = {}): Promise<boolean> {
  return attempt(async () => {
    const found = await page().act(id, verb, body);
    if (verb === "revoke") {
      screen.devices = screen.devices?.filter((each) => each.id !== id) ?? null;
      show({ name: "list" });
      return;
    }
    screen.detail = found;
    if (verb === "test") Object.assign(test, { begun: Date.parse(found.now), device: id });
    if (verb === "end-test") forgetTest();
  });
}

// ── saying ──────────────────────────────────────────────────────────────────

/** "12 s", "3 min", "5 h", "2 d" since a moment. */
export function age(iso: string): string {
  const seconds = Math.max(0, Math.round((now() - Date.parse(iso)) / 1000));
  if (seconds < 90) return t("seconds", { n: seconds });
  if (seconds < 5400) return t("minutes", { n: Math.round(seconds / 60) });
  return seconds < 172_800 ? t("hours", { n: Math.round(seconds / 3600) }) : t("days", { n: Math.round(seconds / 86_400) });
}

/** A time of day; with its date if that is not today. */
export function moment(iso: string): string {
  const here = (when: string | number) => ({ date: new Date(when).toLocaleDateString("sv"), time: clockTime(new Date(when), true) }); // 2026-11-23
  const wall = lent?.wall ?? here;
  const [at, today] = [wall(iso), wall(now())];
  return at.date === today.date ? at.time : `${at.date} ${at.time.slice(0, 5)}`;
}

export function stopwatch(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export const called = (device: Device): string => device.name || `${device.title} ${device.identifier.slice(-4)}`;
