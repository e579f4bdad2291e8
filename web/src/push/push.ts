/** Web push on this phone or computer: whether it can be, whether it is, and turning it on and off. The page's side. */
import { bytes } from "./bytes.ts";
import type { Account } from "./types.ts";

export type State = "unknown" | "unsupported" | "iphone" | "unset" | "blocked" | "off" | "on" | "working" | "unreachable" | "refused";

/** How the page reaches the server as its person. `gone` of a refusal: the server knows that this subscription is dead. */
export interface Door extends Account {
  worker: string;
  scope: string;
  /** Whose wish it is to be notified here: somebody else who signs in on this computer did not wish it. */
  who(): string;
  test(): Promise<unknown>;
  gone(trouble: unknown): boolean;
  changed(): void;
}

const PATIENCE = 15_000; // for the browser's own push service

export class Push {
  state: State = "unknown";
  tested = false;
  private readonly door: Door;
  private about: Awaited<ReturnType<Account["about"]>> | null = null;
  private asked = false;

  constructor(door: Door) {
    this.door = door;
  }

  /** Find out how it stands; called when the settings are drawn, asks once. */
  look(): void {
    if (this.asked) return;
    this.asked = true;
    void this.settle();
  }

  /** Look again at the next drawing: the settings were closed, the person has changed. */
  forget(): void {
    this.asked = this.tested = false;
    this.state = "unknown";
  }

  /** At each start: what this person wished once must still be so, for browsers and push services let subscriptions die. */
  async mend(): Promise<void> {
    const wish = wished(this.door.scope);
    if (wish === null || !supported() || Notification.permission !== "granted") return;
    try {
      if (wish !== this.door.who()) await this.end();
      else if (await this.ready()) await this.subscribe();
    } catch {
      // at the next start then
    }
  }

  async turnOn(): Promise<void> {
    // First of all, for browsers ask the person only in answer to a tap.
    const permission = Notification.permission === "default" ? Notification.requestPermission() : Promise.resolve(Notification.permission);
    this.tell("working");
    if ((await permission) !== "granted") return this.tell(Notification.permission === "denied" ? "blocked" : "off");
    try {
      if (!(await this.ready())) return this.tell("unset");
      await this.subscribe();
      wish(this.door.scope, this.door.who());
      this.tell("on");
    } catch (trouble) {
      this.tell(trouble instanceof Unserved ? "refused" : "unreachable");
    }
  }

  async turnOff(): Promise<void> {
    this.tell("working");
    await this.end().catch(() => undefined);
    this.tested = false;
    this.tell("off");
  }

  /** Nothing comes here any more; without a network the browser forgets all the same, and the server learns it at its next try. */
  async end(): Promise<void> {
    wish(this.door.scope, null);
    const subscription = await (await this.registration())?.pushManager.getSubscription();
    if (!subscription) return;
    await this.door.drop(subscription.endpoint).catch(() => undefined);
    await subscription.unsubscribe();
  }

  async test(): Promise<void> {
    try {
      await this.door.test();
      this.tested = true;
      this.tell("on");
    } catch {
      this.tell("unreachable");
    }
  }

  private async settle(): Promise<void> {
    if (!supported()) return this.tell(isIphone() ? "iphone" : "unsupported");
    try {
      if (!(await this.ready())) return this.tell("unset");
    } catch {
      return this.tell("unreachable");
    }
    if (Notification.permission === "denied") {
      void this.whenAllowed();
      return this.tell("blocked");
    }
    const subscription = await (await this.registration())?.pushManager.getSubscription().catch(() => null);
    this.tell(subscription && wished(this.door.scope) === this.door.who() && Notification.permission === "granted" ? "on" : "off");
  }

  /** Look again as soon as the person has changed the browser's mind. */
  private async whenAllowed(): Promise<void> {
    const permission = await navigator.permissions?.query({ name: "notifications" }).catch(() => null);
    permission?.addEventListener("change", () => void this.settle(), { once: true });
  }

  private async ready(): Promise<boolean> {
    this.about ??= await this.door.about();
    return this.about.ready;
  }

  /** The subscription of this browser, known to the server; a new one where the old belongs to another key or is dead. */
  private async subscribe(): Promise<void> {
    const { pushManager } = await active(await navigator.serviceWorker.register(this.door.worker, { scope: this.door.scope }));
    const options = { userVisibleOnly: true, applicationServerKey: bytes(this.about?.key ?? "") };
    let subscription = await pushManager.getSubscription();
    if (subscription && !same(subscription.options.applicationServerKey, options.applicationServerKey)) {
      await subscription.unsubscribe();
      subscription = null;
    }
    subscription ??= await patient(pushManager.subscribe(options));
    try {
      await this.door.save(subscription.toJSON());
    } catch (trouble) {
      if (!this.door.gone(trouble)) throw trouble;
      await subscription.unsubscribe();
      await this.door.save((await patient(pushManager.subscribe(options))).toJSON());
    }
  }

  private registration(): Promise<ServiceWorkerRegistration | undefined> {
    return navigator.serviceWorker.getRegistration(this.door.scope);
  }

  private tell(state: State): void {
    this.state = state;
    this.door.changed();
  }
}

function supported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Safari on iPhone and iPad has push only in apps of the home screen. */
function isIphone(): boolean {
  return /iP(hone|ad|od)/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
}

/** A subscription needs a worker that has started. */
async function active(registration: ServiceWorkerRegistration): Promise<ServiceWorkerRegistration> {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return registration;
  await new Promise<void>((resolve, reject) => {
    const watch = () => {
      if (coming.state === "activated") resolve();
      else if (coming.state === "redundant") reject(new Error("the worker could not start"));
    };
    coming.addEventListener("statechange", watch);
    watch();
  });
  return registration;
}

/** The browser's own push service did not take part. */
class Unserved extends Error {}

/** Where a push service is blocked (Google's in China) the browser goes on trying and never says so. */
function patient<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Unserved()), PATIENCE);
    promise.then(resolve, () => reject(new Unserved()));
  });
}

function same(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? new ArrayBuffer(0));
  return bytes.length === other.length && bytes.every((each, index) => each === other[index]);
}

function wished(scope: string): string | null {
  try {
    return localStorage.getItem(`tocsin.push${scope}`);
  } catch {
    return null;
  }
}

function wish(scope: string, who: string | null): void {
  try {
    if (who === null) localStorage.removeItem(`tocsin.push${scope}`);
    else localStorage.setItem(`tocsin.push${scope}`, who);
  } catch {
    // then it is on until the browser drops it
  }
}
