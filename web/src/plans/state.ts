/** What the plans page knows: the list, the plan that is written, and the simulation beside it. */
import { ask, Problem } from "../desk/api.ts";
import { explain } from "../desk/incidents.ts";
import { changed, desk } from "../desk/state.ts";
import { toast } from "../desk/toast.ts";
import type { Plan, Plans, Simulated, Stage, Steps, Wrong } from "./types.ts";
import { t } from "./words.ts";

const PAUSE = 350; // ms after the last key before it is played through anew

/** A plan under the pen. `id` 0: not there yet. */
export interface Draft {
  id: number;
  name: string;
  alarm: string;
  silent: boolean | null;
  when: string;
  active: boolean;
  steps: Steps;
  /** Whether this person may change it here. */
  open: boolean;
  touched: boolean;
}

export const screen = {
  plans: null as Plans | null,
  draft: null as Draft | null,
  busy: false,
  problem: "",
  wrong: [] as Wrong[],
  sure: false,
  played: null as Simulated | null,
  playing: false,
  /** What is played: a kind, silent or not, and when. */
  alarm: "robbery",
  silent: false,
  moment: "now" as "now" | "sunday" | "other",
  wall: "",
};

let of = "";
let timer = 0;
let turn = 0;

export function openScreen(): void {
  if (of !== desk.center) {
    Object.assign(screen, { plans: null, draft: null, played: null, wrong: [], problem: "" });
    of = desk.center;
  }
  void fetchPlans();
}

export async function fetchPlans(): Promise<void> {
  const center = desk.center;
  try {
    const found = await ask<Plans>("GET", "plans", { center });
    if (center !== desk.center) return;
    screen.plans = found;
    screen.problem = "";
  } catch (trouble) {
    screen.problem = explain(trouble);
  }
  changed();
}

/** Another center, or another language: everything is asked for anew. */
export function refetch(): void {
  if (of !== desk.center) openScreen();
  else void fetchPlans();
  if (screen.draft) play();
}

// ── the pen ─────────────────────────────────────────────────────────────────

const copied = (steps: Steps): Steps => structuredClone({ every: steps.every, stages: steps.stages.map((each) => ({ ring: "", whom: [], by: [], ...each })) });

export function write(plan: Plan | null, open: boolean): void {
  const plans = screen.plans!;
  begin({
    id: plan?.id ?? 0,
    name: plan?.name ?? "",
    alarm: plan?.alarm ?? "",
    silent: plan?.silent ?? null,
    when: plan?.when ?? "",
    active: plan?.active ?? true,
    steps: copied(plan?.steps ?? plans.default),
    open,
    touched: false,
  });
}

/** A plan from above, or the default, as the beginning of one of this center's own. */
export function copyHere(): void {
  if (screen.draft) begin({ ...screen.draft, id: 0, active: true, open: true, touched: true });
}

function begin(draft: Draft): void {
  Object.assign(screen, { draft, wrong: [], problem: "", sure: false, played: null });
  if (draft.alarm) screen.alarm = draft.alarm;
  if (draft.silent !== null) screen.silent = draft.silent;
  changed();
  play();
  window.setTimeout(() => {
    const heading = document.querySelector<HTMLElement>(".plans [data-heading]");
    heading?.focus({ preventScroll: true });
    document.querySelector(".plans-scroll")?.scrollTo({ top: 0 });
  });
}

export function leaveDraft(): void {
  Object.assign(screen, { draft: null, played: null, wrong: [], problem: "", sure: false });
  changed();
}

/** Change the draft, and see at once what it would do. */
export function edit(change: (draft: Draft) => void): void {
  if (!screen.draft?.open) return;
  change(screen.draft);
  screen.draft.touched = true;
  changed();
  soon();
}

export function addStage(): void {
  edit(({ steps }) => {
    const last = steps.stages[steps.stages.length - 1];
    const stage: Stage = { after: (last?.after ?? -30) + 30, ring: "", whom: [{ kind: "on_duty" }], by: ["sms"] };
    steps.stages.push(stage);
  });
}

// ── the simulation ──────────────────────────────────────────────────────────

function soon(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(play, PAUSE);
}

export function see(change: Partial<typeof screen>): void {
  Object.assign(screen, change);
  changed();
  soon();
}

export function play(): void {
  window.clearTimeout(timer);
  void simulate();
}

async function simulate(): Promise<void> {
  const draft = screen.draft;
  if (!draft) return;
  const mine = ++turn;
  const at = screen.moment === "now" ? "" : screen.moment === "sunday" ? "sun-03:00" : screen.wall;
  screen.playing = true;
  changed();
  try {
    const played = await ask<Simulated>("POST", "plans/simulate", {}, { center: desk.center, alarm: screen.alarm, silent: screen.silent, at, steps: draft.steps });
    if (mine !== turn) return;
    screen.played = played;
    screen.wrong = screen.wrong.filter((each) => each.field === "name");
  } catch (trouble) {
    if (mine !== turn) return;
    if (trouble instanceof Problem && trouble.status === 422) screen.wrong = trouble.errors;
    else screen.problem = explain(trouble);
  } finally {
    if (mine === turn) screen.playing = false;
    changed();
  }
}

// ── doing ───────────────────────────────────────────────────────────────────

async function attempt(work: () => Promise<void>): Promise<void> {
  if (screen.busy) return;
  Object.assign(screen, { busy: true, problem: "" });
  changed();
  try {
    await work();
  } catch (trouble) {
    if (trouble instanceof Problem && trouble.status === 422 && trouble.errors.length) {
      screen.wrong = trouble.errors;
      window.setTimeout(() => document.querySelector<HTMLElement>(".plans [aria-invalid=true]")?.focus());
    } else screen.problem = explain(trouble);
  } finally {
    screen.busy = false;
    changed();
  }
}

export function save(): void {
  const draft = screen.draft;
  if (!draft) return;
  void attempt(async () => {
    const { name, alarm, silent, when, active, steps } = draft;
    const body = { center: desk.center, name, alarm, silent, when, active, steps };
    const saved = await ask<Plan>("POST", draft.id ? `plans/${draft.id}/change` : "plans", {}, body);
    Object.assign(draft, { id: saved.id, name: saved.name, active: saved.active, touched: false });
    screen.wrong = [];
    toast(t("saved"));
    await fetchPlans();
  });
}

export function turnOn(active: boolean): void {
  const draft = screen.draft;
  if (!draft?.id) return;
  void attempt(async () => {
    const found = await ask<Plan>("POST", `plans/${draft.id}/${active ? "activate" : "deactivate"}`, {}, {});
    draft.active = found.active;
    await fetchPlans();
  });
}

export function remove(): void {
  const draft = screen.draft;
  if (!draft?.id) return;
  void attempt(async () => {
    await ask("POST", `plans/${draft.id}/delete`, {}, { sure: true });
    leaveDraft();
    await fetchPlans();
  });
}
