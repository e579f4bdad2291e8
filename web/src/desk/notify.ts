/** Browser notifications: asked for by a click, one for each alarm, gone when it is claimed. */
import { centerName, changed, desk } from "./state";
import { open, waits } from "./incidents";
import { marked } from "../drill/mark";
import { kindName, say } from "./words";
import type { Incident } from "./types";

const shown = new Map<number, Notification>();

export function permission(): NotificationPermission | "none" {
  return "Notification" in window ? Notification.permission : "none";
}

export async function allow(): Promise<void> {
  if ("Notification" in window) await Notification.requestPermission();
  changed();
}

export function who(incident: Incident): string {
  return incident.person?.name || incident.site?.name || incident.caller || incident.device?.name || incident.device?.identifier || say("unknown_person");
}

export function tell(incident: Incident): void {
  if (permission() !== "granted") return;
  try {
    const note = new Notification(marked(incident, `${kindName(incident.alarm)} · ${who(incident)}`), {
      body: [incident.address, centerName(incident.center)].filter(Boolean).join("\n"),
      tag: `tocsin-${incident.id}`,
      requireInteraction: true,
      silent: true, // the siren sounds by itself
    });
    note.onclick = () => {
      window.focus();
      open(incident.id);
      note.close();
    };
    shown.get(incident.id)?.close();
    shown.set(incident.id, note);
  } catch {
    // a phone's browser may refuse notifications without a service worker: the siren is there
  }
}

/** Take away what no longer waits. */
export function tidy(): void {
  for (const [id, note] of shown) {
    const incident = desk.incidents.get(id);
    if (incident && waits(incident)) continue;
    note.close();
    shown.delete(id);
  }
}
