/** The keyboard alone is enough. One-key shortcuts can be switched off (settings), Tab and Enter always work. */
import { claim, begin } from "./verbs";
import { focusedRow, focusRow, move } from "./queue";
import { open, ordered } from "./incidents";
import { leaveCall, toCall } from "./opencall";
import { toBook } from "./book";
import { pickOnMap } from "./map";
import { singleKeys } from "./settings";
import { changed, desk, known } from "./state";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

/** The row with the focus is meant; otherwise the incident in the panel. */
function meant(): number | null {
  return focusedRow() ?? (desk.view === "incident" ? desk.selected : null);
}

function leave(): void {
  if (desk.picking) pickOnMap(null);
  else if (desk.view === "call") leaveCall();
  else if (desk.view !== "incident") desk.view = "incident";
  else desk.pane = "queue";
  const back = desk.selected ?? ordered()[0]?.id;
  if (desk.view === "incident" && back !== undefined) focusRow(back);
  changed();
}

function toQueue(): void {
  desk.pane = "queue";
  changed();
  const first = desk.selected ?? ordered()[0]?.id;
  if (first !== undefined) window.setTimeout(() => focusRow(first));
}

const keys: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  c: () => {
    const id = meant();
    if (id !== null && known(id)?.verbs.includes("claim")) void claim(id);
  },
  d: () => begin("dispatch", meant()),
  n: () => begin("note", meant()),
  r: () => begin("resolve", meant()),
  x: () => begin("close", meant()),
  g: toQueue,
  p: toCall,
  b: toBook,
  "?": () => {
    desk.dialog = { name: "help" };
    changed();
  },
};

export function listen(): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (desk.dialog) return;
    if (event.key === "Escape") return leave();
    if (typing(event.target)) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (focusedRow() !== null || document.activeElement === document.body)) {
      event.preventDefault();
      return move(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter" && document.activeElement === document.body && desk.selected === null) {
      const first = ordered()[0];
      if (first) open(first.id);
      return;
    }
    const does = singleKeys() ? keys[event.key] : undefined;
    if (!does || event.repeat && !"jk".includes(event.key)) return;
    event.preventDefault();
    does();
  });
}
