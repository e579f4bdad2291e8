/** What the roster screen knows, and its calls. */
import { addDays, local } from "./time.ts";
import type { Duty, Named, Now, Page, Pattern, Shift, Swaps, Week } from "./types.ts";

export type View =
  | { name: "week" }
  | { name: "patterns" }
  | { name: "pattern"; pattern: Pattern | null }
  | { name: "new"; duty: Duty; date: string; from: string; to: string }
  | { name: "shift"; shift: Shift; sure: boolean }
  | { name: "note" }
  | { name: "calendar" };

export const screen = {
  view: { name: "week" } as View,
  /** Any day of the week that is shown; "" is today. */
  day: "",
  week: null as Week | null,
  now: null as Now | null,
  swaps: { to_me: [], by_me: [] } as Swaps,
  patterns: null as Pattern[] | null,
  people: new Map<Duty, Named[]>(),
  linked: false,
  link: "",
  copied: false,
  ending: 0,
  busy: false,
  problem: "",
  notice: "",
};

const REST = 30_000;
let lent: Page | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

export function page(): Page {
  if (!lent) throw new Error("the roster is not open");
  return lent;
}

export const changed = (): void => lent?.changed();

export function openScreen(by: Page): void {
  lent = by;
  clearInterval(timer);
  timer = setInterval(() => document.visibilityState === "visible" && void look(), REST);
  screen.day = "";
  forget();
  show({ name: "week" });
}

export function closeScreen(): void {
  clearInterval(timer);
  timer = undefined;
}

function forget(): void {
  screen.week = screen.now = screen.patterns = null;
  screen.people.clear();
  screen.link = "";
}

/** Another center is watched. */
export function otherCenter(): void {
  forget();
  show({ name: "week" });
}

export function show(view: View): void {
  screen.view = view;
  screen.problem = screen.notice = "";
  screen.ending = 0;
  if (view.name !== "calendar") screen.link = "";
  changed();
  void look();
  setTimeout(() => {
    const heading = document.querySelector<HTMLElement>(".roster [data-heading]");
    heading?.focus({ preventScroll: true });
    (heading?.closest(".roster-scroll") ?? document.querySelector(".roster-scroll"))?.scrollTo({ top: 0 });
  });
}

/** The week seven days later or earlier, or that of today. */
export function turn(days: number): void {
  const first = screen.week?.days[0]?.date;
  screen.day = days && first ? addDays(first, days) : "";
  changed();
  void look();
}

/** Everything that the view shows, as it is now. A failure is told only while there is nothing to show. */
export async function look(): Promise<void> {
  const by = lent;
  if (!by) return;
  const center = by.center();
  const day = screen.day;
  try {
    const [week, now, swaps] = await Promise.all([
      by.ask<Week>("GET", "roster", { center, ...(day && { day }) }),
      by.ask<Now>("GET", "on-duty", { center }),
      by.ask<Swaps>("GET", "swaps"),
    ]);
    if (center !== by.center() || day !== screen.day) return;
    Object.assign(screen, { week, now, swaps });
    if (screen.view.name === "patterns") screen.patterns = (await by.ask<{ items: Pattern[] }>("GET", "patterns", { center })).items;
    if (screen.view.name === "calendar") screen.linked = (await by.ask<{ linked: boolean }>("GET", "calendar")).linked;
  } catch (trouble) {
    if (!screen.week) screen.problem = by.explain(trouble);
  }
  changed();
}

/** Who can have a shift of this duty; asked for once. */
export function people(duty: Duty): Named[] | null {
  const known = screen.people.get(duty);
  if (known) return known;
  const by = page();
  const center = by.center();
  void by.ask<{ items: Named[] }>("GET", "colleagues", { center, duty }).then(
    ({ items }) => {
      if (center === by.center()) screen.people.set(duty, items);
      changed();
    },
    (trouble: unknown) => {
      screen.problem = by.explain(trouble);
      changed();
    },
  );
  return null;
}

/** A change: said to the server; what it refuses is told where the person looks. */
export async function attempt(task: (by: Page) => Promise<unknown>, then: View | null = null): Promise<boolean> {
  if (screen.busy) return false;
  const by = page();
  Object.assign(screen, { busy: true, problem: "", notice: "" });
  changed();
  try {
    await task(by);
    if (then) show(then);
    await look();
    by.stirred();
    return true;
  } catch (trouble) {
    screen.problem = by.explain(trouble);
    void look();
    return false;
  } finally {
    screen.busy = false;
    changed();
  }
}

export const post = (by: Page, path: string, body: object = {}): Promise<unknown> => by.ask("POST", path, {}, body);

export function today(): string {
  return screen.week ? local(screen.week.now, screen.week.time_zone).date : "";
}
