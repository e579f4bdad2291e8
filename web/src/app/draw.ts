/** One screen, drawn anew after each change; several changes in one turn are one drawing. */
let renderer: () => void = () => undefined;
let due = false;

export function drawWith(render: () => void): void {
  renderer = render;
}

export function draw(): void {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    renderer();
  });
}
