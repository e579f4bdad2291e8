/** What a member tells about themselves; shapes as in tocsin/profiles/shape.py. Whatever was not told is empty. */
export type PlaceKind = "home" | "shop" | "other";

export interface Place {
  kind: PlaceKind;
  address: string;
  way_in: string;
}

export interface Vehicle {
  plate: string;
  what: string;
}

export interface Kin {
  name: string;
  who: string;
  phone: string;
}

export interface Told {
  places: Place[];
  vehicles: Vehicle[];
  family: Kin[];
  languages: string[];
  wishes: string;
  medical: string;
}

/** One's own. `consent`: to keep notes on health, and the text that is agreed to. */
export interface Mine extends Told {
  changed_at: string | null;
  consent: { given: boolean; version: number; text: string };
}

/** At an incident: `parts` says what one may see there. */
export interface Details extends Omit<Told, "medical"> {
  parts: ("profile" | "medical" | "contacts")[];
  medical?: string | null;
  contacts?: { name: string; phone: string; email: string }[] | null;
  unopened: boolean;
}

/** Languages that can be ticked; their names are the browser's. */
export const LANGUAGES = ["zh", "yue", "nan", "hak", "wuu", "en", "af", "zu", "xh", "st", "tn", "pt", "fr", "vi", "ko", "ja"];
