/** What the front door speaks: the signals that this phone sends, and what comes back. */

export const ALARMS = ["roadblock", "robbery", "burglary", "kidnapping", "extortion", "traffic", "medical", "fire", "unrest", "other"] as const;
export type AlarmKind = (typeof ALARMS)[number];

export interface Position {
  lat: number;
  lon: number;
  accuracy?: number;
  altitude?: number;
  speed?: number;
  course?: number;
  at: string;
}

export interface Signal {
  kind: "alarm" | "position" | "cancel" | "test" | "heartbeat";
  alarm?: AlarmKind;
  at?: string;
  position?: Position;
  silent?: boolean;
  /** The caller is forced to ask for a cancel: an alarm, and a silent one. */
  duress?: boolean;
  battery?: number;
  text?: string;
}

/** PUT and GET /signals/<uuid> answer this; the latter part only GET. */
export interface Answer {
  signal: string;
  incident: number | null;
  center: string | null;
  center_code: string | null;
  state: "new" | "claimed" | "dispatched" | "on_scene" | "resolved" | "closed" | "stored";
  alarm: AlarmKind | null;
  flags: string[];
  claimed_by?: string | null;
  claimed_at?: string | null;
  dispatched?: { who: string; state: "sent" | "on_the_way" | "on_scene" | "done" }[];
  closed_at?: string | null;
  outcome?: string | null;
  cancel_requested?: boolean;
}

/** RFC 9457. */
export interface Problem {
  title?: string;
  detail?: string;
  errors?: { field: string; why: string }[];
}

/** crypto.randomUUID exists only in secure contexts; a press must not fail for that. */
export function newUuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Now, in ISO 8601 with this phone's offset. */
export function isoTime(when = new Date()): string {
  const offset = -when.getTimezoneOffset();
  const part = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, "0");
  const local = new Date(when.getTime() + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${offset < 0 ? "-" : "+"}${part(offset / 60)}:${part(offset % 60)}`;
}
