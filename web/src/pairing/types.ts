/** What the server says of devices, and what the pages around this screen lend it. */

export interface Step {
  text: string;
  send: string | null;
}

export interface Field {
  name: string;
  label: string;
  pattern: string;
  secret: boolean;
}

/** A kind of device. `asks`: placeholders in the texts that only the person knows. */
export interface Protocol {
  name: string;
  title: string;
  models: string;
  by: "sms" | "web" | "app" | "panel" | "server";
  identifier: string;
  pattern: string;
  example: string;
  steps: Step[];
  asks: string[];
  password: string;
  fields: Field[];
  press: string;
  every: number | null;
  host: string;
  port: number | null;
  url: string | null;
}

export interface Trouble {
  name: string;
  said: string;
  at: string;
}

export interface Owner {
  kind: "person" | "site" | "center";
  id: number;
  name: string;
  phone: string | null;
}

export interface Device {
  id: number;
  protocol: string;
  title: string;
  identifier: string;
  name: string;
  owner: Owner | null;
  state: "silent" | "trouble" | "waiting" | "ok";
  added_at: string;
  heartbeat_every: number | null;
  heard_at: string | null;
  silent_since: string | null;
  battery: number | null;
  troubles: Trouble[];
  testing_until: string | null;
  tested_at: string | null;
  tested_after: number | null;
}

export interface Knock {
  protocol: string;
  identifier: string;
  same: boolean;
  count: number;
  last_at: string;
}

export interface Detail extends Device {
  /** The number of the SIM in it. */
  sim: string | null;
  knocks: Knock[];
  now: string;
}

export interface New {
  protocol: string;
  identifier: string;
  name: string;
  settings: Record<string, string>;
  sim: string;
  person?: number;
  site?: number;
}

export interface Owners {
  people: { id: number; name: string; phone: string | null }[];
  sites: { id: number; name: string; address: string }[];
}

/** The page around: its calls, how it draws, and whether it is the desk's (then devices have owners to choose). */
export interface Page {
  protocols(): Promise<Protocol[]>;
  devices(): Promise<{ items: Device[]; now: string }>;
  device(id: number): Promise<Detail>;
  add(device: New): Promise<Detail>;
  act(id: number, verb: string, body?: object): Promise<Detail>;
  explain(trouble: unknown): string;
  changed(): void;
  leave(): void;
  /** A moment as the clock on the wall of the center says it; without it, as the phone does. */
  wall?(iso: string | number): { date: string; time: string };
  staff?: {
    center(): string;
    owners(words: string): Promise<Owners>;
    addSite(name: string, address: string): Promise<Owners["sites"][number]>;
  };
}
