/** Line icons on a 24 × 24 grid, drawn for this desk. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit-html";

const paths: Record<string, string> = {
  roadblock: "M3 8h18v6H3z M6 14v6 M18 14v6 M6 8V5 M18 8V5 M7 14l4-6 M13 14l4-6",
  burglary: "M3 11.5 12 4l9 7.5 M5.5 10v10h13V10 M12 20v-4 M10 13.5a2 2 0 1 1 4 0v2.5h-4z",
  robbery: "M4 9.5c2.5-3.5 13.5-3.5 16 0v3c0 3-2.5 4.5-4.5 4.500S13 15 12 15s-1.5 2-3.5 2S4 15.5 4 12.500z M8.5 12h.01 M15.5 12h.01",
  kidnapping: "M12 8.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6z M6.5 21.500v-6a5.5 5.5 0 0 1 11 0v6 M6 15.500h12 M6 18.800h12",
  extortion: "M3 6h18v12H3z M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z M6 9v.01 M18 15v.01",
  traffic: "M4 16v-3.500l2-5.500h12l2 5.500V16z M4.5 12h15 M6.5 16v2.5 M17.5 16v2.5 M7.5 14h.01 M16.5 14h.01",
  medical: "M9 3.500h6V9h5.500v6H15v5.500H9V15H3.500V9H9z",
  fire: "M12 21.500c-4 0-6.5-2.7-6.5-6.3 0-4.2 4-5.7 4.5-11.7 3 1.5 4.5 4.5 4.5 6.5 1-.5 1.5-1.5 1.5-2.5 1.5 2 2.5 4.7 2.5 7.7 0 3.6-2.5 6.3-6.5 6.300z",
  unrest: "M8 7.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M16 7.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M12 12.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M4 20v-6.500a4 4 0 0 1 4-3 M20 20v-6.500a4 4 0 0 0-4-3 M8.5 20.500V18a3.5 3.5 0 0 1 7 0v2.5",
  other: "M12 3 2.5 20h19z M12 10v4.5 M12 17.200v.01",
  phone: "M5 3.500h4l1.5 5-2.5 1.800a12 12 0 0 0 5.7 5.700l1.8-2.5 5 1.500v4c0 1-1 1.5-2 1.500C10.5 20.5 3.5 13.5 3.5 5.500c0-1 .5-2 1.5-2z",
  book: "M4.5 4h6a2 2 0 0 1 1.5.7A2 2 0 0 1 13.5 4h6v15h-6a2 2 0 0 0-1.5.7 2 2 0 0 0-1.5-.7h-6z M12 5v14.5",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M9.5 9.500a2.5 2.5 0 1 1 3.5 2.300c-.7.3-1 .9-1 1.7 M12 16.500v.01",
  gear: "M4 7h9 M17 7h3 M4 12h3 M11 12h9 M4 17h7 M15 17h5 M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M9 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M13 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  sound: "M4 9.500v5h3.500l5 4v-13l-5 4z M16 9a4 4 0 0 1 0 6 M18.5 6.500a7.5 7.5 0 0 1 0 11",
  mute: "M4 9.500v5h3.500l5 4v-13l-5 4z M16 9.500l5 5 M21 9.500l-5 5",
  bell: "M6 16.500v-6a6 6 0 0 1 12 0v6l1.5 2h-15z M10 21h4",
  linked: "M5 12.500l4.5 4.500L19 7.5",
  broken: "M3 9a13 13 0 0 1 18 0 M6.5 12.500a8 8 0 0 1 11 0 M10 16a3 3 0 0 1 4 0 M12 19.500v.01 M4 3.500l16 17",
  pin: "M12 21.500c4.5-5 6.5-8.3 6.5-11.500a6.5 6.5 0 1 0-13 0c0 3.2 2 6.5 6.5 11.500z M12 12.300a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.600z",
  copy: "M8.5 8.500h11v11h-11z M15.5 8.500v-4h-11v11h4",
  route: "M20.5 3.5 3.5 10.500l7 3 3 7z",
  check: "M4.5 12.500l5 5 10-11",
  send: "M4 12h14 M12.5 5.5 19 12l-6.5 6.5",
  pen: "M4 20l1-4.500L16 4.500l3.5 3.500L8.5 19z M14 6.500l3.5 3.5",
  close: "M5.5 5.500l13 13 M18.5 5.500l-13 13",
  hush: "M4 9.500v5h3.500l5 4v-13l-5 4z M16 12h5",
  out: "M14 4H5v16h9 M10 12h10.5 M16.5 8l4 4-4 4",
  plus: "M12 4.500v15 M4.5 12h15",
  minus: "M4.5 12h15",
};

export function icon(name: string): TemplateResult {
  const path: SVGTemplateResult = svg`<path d=${paths[name] ?? paths["other"]!}></path>`;
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${path}</svg>`;
}
