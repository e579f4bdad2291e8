/** The desk's incidents: fetched, followed by the live feed, and ordered as an officer needs them. */
import { api, Problem } from "./api";
import { now } from "./clock";
import { say } from "./words";
import { changed, desk } from "./state";
import type { Incident, LiveEvent, Position } from "./types";

type Opened = (incident: Incident) => void;
let tellOpened: Opened = () => undefined;
export function whenOpened(told: Opened): void {
  tellOpened = told;
}

export const waits = (incident: Incident): boolean => incident.state === "new" && incident.merged_into === null;
const ended = (incident: Incident): boolean => incident.state === "closed" || incident.merged_into !== null;
const oldest = (a: Incident, b: Incident): number => a.opened_at.localeCompare(b.opened_at) || a.id - b.id;

/** Oldest unclaimed first, then those in hand; those just closed come last, newest first. */
export function groups(): { waiting: Incident[]; inHand: Incident[]; closed: Incident[] } {
  const all = [...desk.incidents.values()];
  return {
    waiting: all.filter(waits).sort(oldest),
    inHand: all.filter((each) => !waits(each) && !ended(each)).sort(oldest),
    closed: all.filter(ended).sort((a, b) => oldest(b, a)).slice(0, 8),
  };
}

export function ordered(): Incident[] {
  const { waiting, inHand, closed } = groups();
  return [...waiting, ...inHand, ...closed];
}

/** Everything anew: at the start, after a gap, and now and then for safety. */
export async function fetchAll(): Promise<void> {
  const center = desk.center;
  const items = await api.incidents(center);
  if (center !== desk.center) return;
  const open = new Set(items.map((each) => each.id));
  const first = !desk.loaded;
  for (const [id, incident] of desk.incidents) if (!open.has(id) && !ended(incident)) void fetchOne(id);
  for (const each of items) keep(each, !first);
  desk.loaded = true;
  if (desk.selected !== null && !open.has(desk.selected)) void fetchOne(desk.selected);
  else if (desk.selected !== null) void fetchOne(desk.selected);
  changed();
}

/** Keep what the server said of one incident. */
export function keep(incident: Incident, tell = true): void {
  const before = desk.incidents.get(incident.id);
  const mine = incident.center === desk.center || incident.centers.includes(desk.center);
  if (mine && (before || !ended(incident))) desk.incidents.set(incident.id, incident);
  if (!mine) desk.incidents.delete(incident.id);
  if (desk.selected === incident.id && (incident.timeline || !desk.detail)) desk.detail = incident;
  if (mine && tell && waits(incident) && (!before || !waits(before))) tellOpened(incident);
  changed();
}

const under = new Map<number, { again: boolean }>();

/** Fetch one incident; asked again meanwhile, it is fetched once more after. */
export async function fetchOne(id: number): Promise<void> {
  const running = under.get(id);
  if (running) {
    running.again = true;
    return;
  }
  const turn = { again: false };
  under.set(id, turn);
  try {
    do {
      turn.again = false;
      keep(await api.incident(id));
    } while (turn.again);
  } catch (trouble) {
    if (trouble instanceof Problem && trouble.status === 404) {
      desk.incidents.delete(id); // handed over to a center that is not ours to see
      if (desk.selected === id) {
        desk.selected = null;
        desk.detail = null;
      }
    } else if (trouble instanceof Problem && desk.selected === id && desk.detail?.id !== id) {
      desk.trouble = trouble.message;
    }
    changed();
  } finally {
    under.delete(id);
  }
}

/** Who was told of the open incident in the panel, and what became of it. */
export async function fetchTold(): Promise<void> {
  const shown = desk.detail;
  if (!shown || desk.view !== "incident" || shown.id !== desk.selected || ended(shown)) return;
  if (waits(shown) && shown.escalation?.due && Date.parse(shown.escalation.due) < now()) return fetchOne(shown.id); // a step that told nobody is not in the book
  const found = await api.told(shown.id).catch(() => null);
  if (!found || desk.detail?.id !== shown.id) return;
  desk.detail = { ...desk.detail, ...found };
  changed();
}

export function open(id: number | null): void {
  desk.view = "incident";
  desk.pane = "panel";
  desk.picking = false;
  if (desk.selected !== id) {
    desk.selected = id;
    desk.detail = null;
    desk.trouble = null;
    desk.numberShown = null;
  }
  if (id !== null) void fetchOne(id);
  changed();
}

/** What the live feed says: the book tells which incident changed, the API tells how it is now. */
export function follow(event: LiveEvent): void {
  if (event.type === "reload") void fetchAll().catch(() => undefined);
  else if (event.type === "position") moved(event.incident, event.position);
  else if (event.entry.incident !== null) {
    if (desk.detail?.id === event.entry.incident && desk.detail.timeline) {
      const timeline = desk.detail.timeline;
      if (!timeline.some((each) => each.center === event.entry.center && each.number === event.entry.number))
        desk.detail = { ...desk.detail, timeline: [...timeline, event.entry] };
    }
    void fetchOne(event.entry.incident);
  }
  changed();
}

function moved(id: number, position: Position): void {
  const row = desk.incidents.get(id);
  if (row) desk.incidents.set(id, { ...row, position });
  if (desk.detail?.id === id) {
    const at = position.at ?? new Date().toISOString();
    const trail = desk.detail.trail ?? [];
    desk.detail = { ...desk.detail, position, trail: [...trail, [position.lon, position.lat, at, position.accuracy ?? null]] };
  }
}

/** One verb: said to the server, its answer kept; the loser of a race reads why and sees how it is now. */
export async function act(id: number, verb: string, body: object = {}): Promise<boolean> {
  if (desk.busy) return false;
  desk.busy = verb;
  desk.trouble = null;
  changed();
  try {
    keep(await api.verb(id, verb, body));
    return true;
  } catch (trouble) {
    desk.trouble = explain(trouble);
    void fetchOne(id);
    return false;
  } finally {
    desk.busy = null;
    changed();
  }
}

export function explain(trouble: unknown): string {
  if (!(trouble instanceof Problem)) return say("problem_server");
  return [trouble.message, ...trouble.errors.map((each) => each.why)].filter((text, i, all) => all.indexOf(text) === i).join(" ");
}
