/**
 * A page of Django's that renews itself: the element with `data-fresh` (every so many seconds) is fetched anew, and when the page has none any more it is loaded once
 * more. `data-ends` counts down. Without a line nothing is taken away. Where no scripts run the page reloads by itself (`noscript`).
 */
let held = false; // a thumb is down: what it is on must not go away under it
const part = () => document.querySelector<HTMLElement>("[data-fresh]");

function tick(): void {
  const clock = document.querySelector<HTMLElement>("[data-ends]");
  if (!clock) return;
  const left = Math.max(0, Math.ceil((Date.parse(clock.dataset["ends"] ?? "") - Date.now()) / 1000));
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

async function look(): Promise<void> {
  const here = part();
  if (!here || document.visibilityState === "hidden") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status >= 500) return;
    const fresh = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>("[data-fresh]") : null;
    if (!fresh) location.replace(location.href); // never a second POST
    else if (!held && !here.contains(document.activeElement) && !here.isEqualNode(fresh)) here.replaceWith(document.adoptNode(fresh));
  } catch {
    // no line just now: the next look may have one
  }
}

document.addEventListener("pointerdown", () => (held = true));
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => window.setTimeout(() => (held = false), 500));
tick();
window.setInterval(tick, 1000);
window.setInterval(() => void look(), Number(part()?.dataset["fresh"] ?? 15) * 1000);
document.addEventListener("visibilitychange", () => void look());
