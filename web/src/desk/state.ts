/** What the desk knows, in one place. Change it, call `changed()`, and the page is drawn anew. */
import { language } from "../i18n";
import type { Connection } from "./live";
import type { Center, Incident, Me } from "./types";

export type View = "incident" | "call" | "book" | "devices" | "roster" | "plans" | "contacts";
export type Pane = "queue" | "panel" | "map";

export type Dialog =
  | { name: "dispatch" | "note" | "close" | "release" | "hand-over" | "resolve" | "reopen" | "merge" | "classify"; incident: number }
  | { name: "help" | "settings" };

export const desk = {
  me: null as Me | null,
  centers: [] as Center[],
  center: "",
  loaded: false,
  failed: null as string | null,
  /** Open incidents of this center, and those that were closed while we watched. */
  incidents: new Map<number, Incident>(),
  /** The incident in the panel, with trail and timeline. */
  selected: null as number | null,
  detail: null as Incident | null,
  view: "incident" as View,
  /** On a small screen one pane is shown at a time. */
  pane: "queue" as Pane,
  dialog: null as Dialog | null,
  live: "connecting" as Connection,
  /** The verb under way, so that it is not pressed twice. */
  busy: null as string | null,
  trouble: null as string | null,
  numberShown: null as number | null,
  picking: false,
  /** Devices of this center that are silent, and those that complain. */
  troubled: { silent: 0, trouble: 0 },
};

let asked = false;
let draw: () => void = () => undefined;

export function drawWith(page: () => void): void {
  draw = page;
}

/** Not requestAnimationFrame: a desk in a background tab must go on. */
export function changed(): void {
  if (asked) return;
  asked = true;
  queueMicrotask(() => {
    asked = false;
    draw();
  });
}

export function centerOf(code: string): Center | undefined {
  return desk.centers.find((each) => each.code === code);
}

export function centerName(code: string): string {
  const center = centerOf(code);
  const mine = desk.me?.centers.find((each) => each.code === code);
  return (language() === "en" ? center?.name_en : center?.name_zh) || center?.name || mine?.name || code;
}

export function zone(): string {
  return centerOf(desk.center)?.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What is known of an incident: the panel's copy is the fuller one. */
export function known(id: number | null): Incident | null {
  if (id === null) return null;
  return desk.detail?.id === id ? desk.detail : (desk.incidents.get(id) ?? null);
}
