/**
 * Where the phone is: looked for only while a thumb is on the button or an alarm runs. A press never waits for it: it goes with the last fix if that is fresh enough,
 * with the fix's own time, and what is found later follows by itself.
 */
import { draw } from "./draw.ts";
import { isoTime, type Position } from "./signal.ts";
import { keep, recall } from "./store.ts";

const FRESH = 10 * 60_000;
const STALE = 6_000;

export type Sight = "off" | "searching" | "found" | "denied" | "missing";

let asking = false;
let watch: number | undefined;
let last: Position | undefined;
let sight: Sight = "off";
let permission: PermissionState | undefined;
let follower: (position: Position) => void = () => undefined;

export function onFix(follow: (position: Position) => void): void {
  follower = follow;
}

export function lookout(): { sight: Sight; last: Position | undefined; permission: PermissionState | undefined } {
  return { sight, last, permission };
}

/** The last fix, if it is fresh enough to send people to. */
export function recentFix(): Position | undefined {
  return last && Date.now() - Date.parse(last.at) <= FRESH ? last : undefined;
}

export async function loadWhere(): Promise<void> {
  last ??= await recall<Position>("fix");
  try {
    const status = await navigator.permissions.query({ name: "geolocation" });
    permission = status.state;
    status.onchange = () => {
      permission = status.state;
      draw();
    };
  } catch {
    // not every browser says
  }
}

/** Begin to look. A silent alarm must not bring up the browser's question, so it looks only where that was answered before. */
export function look(silent: boolean): void {
  if (watch !== undefined || !("geolocation" in navigator) || (silent && permission !== "granted")) return;
  sight = "searching";
  // What the phone knows already comes first, even if it is some minutes old; the exact fix follows.
  navigator.geolocation.getCurrentPosition(found, () => undefined, { maximumAge: FRESH, timeout: 5_000, enableHighAccuracy: false });
  watch = navigator.geolocation.watchPosition(found, missed, { maximumAge: 0, timeout: 30_000, enableHighAccuracy: true });
}

/** Some browsers tell only of a move. A standing phone is asked, so that the age of its fix stays true. */
export function lookAgain(): void {
  if (watch === undefined || asking || sight !== "found" || (last && Date.now() - Date.parse(last.at) < STALE)) return;
  asking = true;
  const answered = () => (asking = false);
  navigator.geolocation.getCurrentPosition(
    (fix) => {
      answered();
      found(fix);
    },
    answered,
    { maximumAge: 0, timeout: 10_000, enableHighAccuracy: true },
  );
}

export function stopLooking(): void {
  if (watch !== undefined) navigator.geolocation.clearWatch(watch);
  watch = undefined;
  sight = "off";
}

/** Ask once for the permission, in peace, so that no question stands in the way of an alarm. */
export function askPermission(): void {
  navigator.geolocation?.getCurrentPosition(
    () => draw(),
    () => draw(),
    { maximumAge: FRESH, timeout: 20_000 },
  );
}

export async function forgetWhere(): Promise<void> {
  last = undefined;
  await keep({ fix: null });
}

function found({ coords, timestamp }: GeolocationPosition): void {
  if (watch === undefined) return; // the thumb was taken off, or the alarm is over
  const at = isoTime(new Date(timestamp));
  if (last && Date.parse(last.at) >= Date.parse(at)) {
    sight = "found";
    return draw();
  }
  last = {
    lat: coords.latitude,
    lon: coords.longitude,
    at,
    ...(Number.isFinite(coords.accuracy) && { accuracy: coords.accuracy }),
    ...(coords.altitude !== null && { altitude: coords.altitude }),
    ...(coords.speed !== null && Number.isFinite(coords.speed) && { speed: coords.speed }),
    ...(coords.heading !== null && Number.isFinite(coords.heading) && { course: coords.heading }),
  };
  sight = "found";
  follower(last);
  draw();
}

function missed(error: GeolocationPositionError): void {
  sight = error.code === error.PERMISSION_DENIED ? "denied" : "missing";
  draw();
}
