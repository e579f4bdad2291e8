/** What stands for a photo, a video, a sound and the end of a recording: line icons on a 24 × 24 grid, which every phone has. */
import { html, svg, type TemplateResult } from "lit-html";

const paths = {
  photo: "M4 7.500h3.500L9 5h6l1.500 2.500H20v11.500H4z M12 16.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
  video: "M3.500 7h11.500v10H3.500z M15 11l5.500-3.500v9L15 13z",
  sound: "M12 14.500a3 3 0 0 0 3-3V6.500a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3z M5.500 11.500a6.500 6.500 0 0 0 13 0 M12 18v3 M8.500 21h7",
  stop: "M7 7h10v10H7z",
};

export function sign(of: keyof typeof paths): TemplateResult {
  return html`<svg class="file-sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${svg`<path d=${paths[of]}></path>`}</svg>`;
}
