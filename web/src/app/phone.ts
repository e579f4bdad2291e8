/** What the phone itself can do: shake, stay awake, tell its battery. All of it optional. */

let wakeLock: { release(): Promise<void>; released: boolean } | undefined;
let battery: { level: number } | undefined;

export function vibrate(pattern: number | number[]): void {
  try {
    navigator.vibrate?.(pattern);
  } catch {
    // some phones refuse
  }
}

/** Keep the screen on while an alarm runs: a sleeping page finds no position. Possible only while it is visible, so ask again when it comes back. */
export async function stayAwake(wanted: boolean): Promise<void> {
  try {
    if (!wanted) {
      await wakeLock?.release();
      wakeLock = undefined;
    } else if (document.visibilityState === "visible" && (!wakeLock || wakeLock.released)) {
      wakeLock = await navigator.wakeLock?.request("screen");
    }
  } catch {
    // low battery, or not there
  }
}

export async function watchBattery(): Promise<void> {
  try {
    battery = await (navigator as unknown as { getBattery?(): Promise<{ level: number }> }).getBattery?.();
  } catch {
    // not every browser tells
  }
}

export function batteryLevel(): { battery?: number } {
  return battery && battery.level >= 0 && battery.level <= 1 ? { battery: Math.round(battery.level * 100) / 100 } : {};
}
