/** What the partner API says (see /api/v1/docs): the desk reads these and nothing else. */
import type { Geometry } from "geojson";
import type { Attached } from "../files/types";
import type { Delivery, Told } from "../told/types";

export const KINDS = [
  "roadblock", "burglary", "robbery", "kidnapping", "extortion", "traffic", "medical", "fire", "unrest", "other",
] as const;
export type Kind = (typeof KINDS)[number];

export const OUTCOMES = ["genuine", "false_alarm", "no_contact", "duplicate", "drill"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type State = "new" | "claimed" | "dispatched" | "on_scene" | "resolved" | "closed";
export type DispatchKind = "responder" | "unit" | "security" | "police";
export type DispatchState = "sent" | "on_the_way" | "on_scene" | "done";

export interface Position {
  lat: number;
  lon: number;
  accuracy?: number | null;
  altitude?: number | null;
  speed?: number | null;
  course?: number | null;
  at?: string | null;
}

export interface Named { id: number; name: string }
export interface Person extends Named { phone: string | null; languages: string[] }

export interface Dispatch {
  id: number;
  who: string;
  kind: DispatchKind;
  state: DispatchState;
  at: string;
  responder: number | null;
}

export interface Entry {
  number: number;
  center: string;
  at: string;
  kind: string;
  incident: number | null;
  facts: Record<string, unknown>;
  actor?: Named | null;
  text: string;
  note?: string | null;
}

/** Where a panel watches; all but name and address only where one incident is read. */
export interface Site {
  name: string;
  address: string;
  note?: string;
  keyholders?: { name: string; phone: string }[];
  zones?: { number: string; name: string; hit: boolean }[];
}

/** [lon, lat, ISO time, accuracy] */
export type TrailPoint = [number, number, string, number | null];

export interface Incident {
  id: number;
  center: string;
  center_name: string;
  centers: string[];
  state: State;
  outcome: string | null;
  alarm: string;
  silent: boolean;
  drill: boolean;
  opened_at: string;
  claimed_at: string | null;
  closed_at: string | null;
  person: Person | null;
  caller: string | null;
  phone?: string | null;
  /** Closed for more than a day: the caller's number and place are only for who leads the center. */
  withheld?: boolean;
  device: { protocol: string; identifier: string; name: string | null } | null;
  site: Site | null;
  claimed_by: Named | null;
  mine: boolean;
  position: Position | null;
  address: string | null;
  plus_code: string | null;
  battery: number | null;
  flags: string[];
  pressed_at: string | null;
  presses: number;
  cancel_requested_at: string | null;
  escalation: { step: number; due: string | null } | null;
  merged_into: number | null;
  dispatches: Dispatch[];
  verbs: string[];
  trail?: TrailPoint[];
  timeline?: Entry[];
  files?: Attached[];
  told?: Told;
  deliveries?: Delivery[];
}

export interface Center {
  code: string;
  name: string;
  name_zh: string;
  name_en: string;
  parent: string | null;
  lat: number | null;
  lon: number | null;
  time_zone: string;
  phone: string | null;
  area: Geometry | null;
}

export interface Me {
  id: number;
  name: string;
  language: string | null;
  centers: { code: string; name: string; role: string; verbs: boolean }[];
  map: { tiles: string | null; pmtiles: string | null };
  demo: boolean;
  version: string;
}

export interface Responder { id: number; name: string; kind: "responder" | "unit"; phone: string | null }

export interface BookPage {
  items: Entry[];
  head: number;
  verified: { ok: boolean; first_bad: number | null } | null;
}

/** What /live says. */
export type LiveEvent =
  | { type: "entry"; entry: Entry }
  | { type: "position"; incident: number; position: Position }
  | { type: "reload"; head: number | null };
