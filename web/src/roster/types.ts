/** What the API says of rosters. Moments are ISO in UTC. */
export const DUTIES = ["duty_officer", "responder", "supervisor"] as const;
export type Duty = (typeof DUTIES)[number];

export interface Named { id: number; name: string }
export interface Span { starts_at: string; ends_at: string }

export interface Shift extends Span {
  id: number;
  center: string;
  center_name: string;
  time_zone: string;
  duty: Duty;
  person: Named;
  pattern: number | null;
  counts?: boolean;
}

export interface DutyWeek { duty: Duty; kept: boolean; shifts: Shift[]; gaps: Span[]; overlaps: (Span & { person: Named })[] }
export interface Day extends Span { date: string }
export interface Week { center: string; time_zone: string; days: Day[]; duties: DutyWeek[]; edits: boolean; now: string }

export interface OnDuty extends Named { phone: string | null; duty: Duty; by: "shift" | "available" | "role"; until: string | null }
export interface Handover { id: number; author: Named; at: string; text: string }
export interface Now { center: string; time_zone: string; people: OnDuty[]; gap: Span | null; handovers: Handover[]; now: string }

export interface Pattern {
  id: number;
  duty: Duty;
  person: Named;
  weekday: number;
  start: string;
  minutes: number;
  since: string;
  until: string | null;
}

export interface Swap { id: number; shift: Shift; to: Named }
export interface Swaps { to_me: Swap[]; by_me: Swap[] }

/** What the page around lends to the screen. */
export interface Page {
  ask<T>(method: "GET" | "POST", path: string, query?: Record<string, string>, body?: unknown): Promise<T>;
  center(): string;
  me(): number;
  /** May write and confirm hand-over notes here. */
  acts(): boolean;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
  /** Something was changed that the page around shows too. */
  stirred(): void;
}
