/**
 * The siren: two loud tones until every waiting incident is claimed, with the title and the icon of the tab.
 * The tones are made by oscillators alone, so that a background tab, whose timers are slowed, goes on ringing.
 */
import { say } from "./words";
import { changed } from "./state";

export type Sound = "on" | "blocked" | "none";

const VOLUME = "tocsin.volume";
const page = document.documentElement;

let audio: AudioContext | null = null;
let voice: { stop(): void } | null = null;
let ringing = 0;
let titled = say("desk");
let flash = 0;
let flashed = false;

export function volume(): number {
  const kept = Number(localStorage.getItem(VOLUME) ?? "100");
  return kept >= 20 && kept <= 100 ? kept : 100;
}

export function setVolume(percent: number): void {
  localStorage.setItem(VOLUME, String(Math.min(100, Math.max(20, percent))));
  if (voice) {
    hush();
    sound();
  }
}

export function soundState(): Sound {
  if (typeof AudioContext === "undefined") return "none";
  return audio?.state === "running" ? "on" : "blocked";
}

function context(): AudioContext | null {
  if (!audio && typeof AudioContext !== "undefined") {
    audio = new AudioContext({ latencyHint: "interactive" });
    audio.onstatechange = () => {
      page.dataset["sound"] = soundState();
      sound();
      changed();
    };
  }
  return audio;
}

/** Begin: any press of a key or a pointer is the gesture the browser waits for. */
export function begin(): void {
  context();
  page.dataset["siren"] = "off";
  page.dataset["sound"] = soundState();
  for (const gesture of ["pointerdown", "keydown", "touchend"] as const)
    window.addEventListener(gesture, () => void turnOn(), { capture: true, passive: true });
}

export async function turnOn(): Promise<void> {
  const here = context();
  if (here && here.state !== "running") await here.resume().catch(() => undefined);
  page.dataset["sound"] = soundState();
  changed();
}

/** How many incidents wait for someone: the siren follows from that alone. */
export function ring(count: number): void {
  if (count === ringing) return;
  ringing = count;
  page.dataset["siren"] = count > 0 ? "on" : "off";
  if (count > 0) sound();
  else hush();
  window.clearInterval(flash);
  if (count > 0) flash = window.setInterval(title, 900);
  flashed = false;
  title();
}

export function titleIs(text: string): void {
  if (text === titled) return;
  titled = text;
  title();
}

function title(): void {
  flashed = ringing > 0 && !flashed;
  document.title = flashed ? `🔔 (${ringing}) ${say("state_new")}!` : ringing > 0 ? `(${ringing}) ${titled}` : titled;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const wanted = ringing > 0 ? (flashed ? "alarm" : "waiting") : "calm";
  if (icon && icon.dataset["shows"] !== wanted) {
    icon.dataset["shows"] = wanted;
    icon.href = drawn(wanted);
  }
}

function drawn(which: "alarm" | "waiting" | "calm"): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  if (!pen) return "";
  const tokens = getComputedStyle(page);
  const [alarm, onAlarm, calm] = ["--alarm", "--on-alarm", "--calm"].map((name) => tokens.getPropertyValue(name).trim()) as [string, string, string];
  pen.fillStyle = which === "calm" ? calm : which === "alarm" ? alarm : onAlarm;
  pen.beginPath();
  pen.arc(32, 32, 31, 0, 7);
  pen.fill();
  pen.fillStyle = which === "waiting" ? alarm : onAlarm;
  pen.font = "bold 40px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(ringing > 0 ? String(Math.min(9, ringing)) : "✓", 32, 35);
  return canvas.toDataURL("image/png");
}

function sound(): void {
  if (voice || ringing === 0 || audio?.state !== "running") return;
  voice = twoTone(audio, volume() / 100);
}

function hush(): void {
  voice?.stop();
  voice = null;
}

/** Sound it for two seconds, to hear that the loudspeaker works. */
export async function test(): Promise<void> {
  await turnOn();
  if (!audio || audio.state !== "running" || voice) return;
  const once = twoTone(audio, volume() / 100);
  window.setTimeout(() => once.stop(), 2000);
}

/** Three low notes: the desk is cut off and would not hear an alarm. Quite unlike the siren. */
export function warn(): void {
  if (!audio || audio.state !== "running" || voice) return;
  for (const beat of [0, 0.35, 0.7]) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    const at = audio.currentTime + beat;
    tone.type = "triangle";
    tone.frequency.value = 330;
    gain.gain.setValueAtTime((volume() / 100) * 0.7, at);
    gain.gain.setTargetAtTime(0, at + 0.18, 0.03);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.34);
  }
}

function twoTone(here: AudioContext, loud: number): { stop(): void } {
  const out = here.createGain();
  const press = here.createDynamicsCompressor();
  const step = here.createOscillator();
  const reach = here.createGain();
  out.gain.value = 0;
  out.gain.linearRampToValueAtTime(loud, here.currentTime + 0.03);
  step.type = "square";
  step.frequency.value = 1.25; // 0.4 s high, 0.4 s low
  reach.gain.value = 185;
  step.connect(reach);
  const tones = ([["sawtooth", 1, 0.5], ["square", 2, 0.22]] as const).map(([type, times, share]) => {
    const tone = here.createOscillator();
    const gain = here.createGain();
    const by = here.createGain();
    tone.type = type;
    tone.frequency.value = 775 * times;
    by.gain.value = times;
    gain.gain.value = share;
    reach.connect(by);
    by.connect(tone.frequency);
    tone.connect(gain).connect(press);
    tone.start();
    return tone;
  });
  press.connect(out).connect(here.destination);
  step.start();
  return {
    stop() {
      out.gain.cancelScheduledValues(here.currentTime);
      out.gain.setTargetAtTime(0, here.currentTime, 0.01);
      for (const each of [step, ...tones]) each.stop(here.currentTime + 0.1);
      window.setTimeout(() => out.disconnect(), 300);
    },
  };
}
