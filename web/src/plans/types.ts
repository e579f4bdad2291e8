/** What the partner API says of plans. */

export interface Whom {
  kind: string;
  name?: string;
  ids?: number[];
  count?: number;
  km?: number;
}

export interface Stage {
  after: number;
  ring?: string;
  whom?: Whom[];
  by?: string[];
}

export interface Steps {
  stages: Stage[];
  every: number;
}

export interface Plan {
  id: number;
  center: string;
  center_name: string;
  name: string;
  alarm: string;
  silent: boolean | null;
  when: string;
  steps: Steps;
  active: boolean;
  changed_at: string;
  readable: boolean;
}

export interface Plans {
  center: string;
  time_zone: string;
  may_change: boolean;
  own: Plan[];
  inherited: Plan[];
  default: Steps;
  choices: {
    roles: { name: string; said: string }[];
    people: { id: number; name: string; role: string; center: string }[];
    partners: { id: number; name: string }[];
    channels: { name: string; ready: boolean }[];
  };
}

export interface Simulated {
  at: string;
  time_zone: string;
  plan: { id: number; name: string } | null;
  every: number;
  stages: {
    step: number;
    after: number;
    at: string;
    ring: { code: string; name: string }[];
    told: { id: number; name: string; channels: string[]; otherwise: boolean }[];
    relatives: boolean;
    partners: string[];
  }[];
  warnings: { reason: string; stage: number | null; text: string }[];
}

export interface Wrong {
  field: string;
  why: string;
  stage?: number | null;
}
