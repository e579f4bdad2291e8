/** Pictures of kinds of devices, line icons on a 24 × 24 grid. */
import { html, svg, type TemplateResult } from "lit-html";

const paths: Record<string, string> = {
  tracker: "M6 4h12v16H6z M9.500 8h5 M12 15.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z",
  watch: "M8.500 7.500h7a1.500 1.500 0 0 1 1.500 1.500v6a1.500 1.500 0 0 1-1.500 1.500h-7A1.500 1.500 0 0 1 7 15V9a1.500 1.500 0 0 1 1.500-1.500z M9 7.500 9.500 3h5l.5 4.500 M9 16.500l.5 4.500h5l.5-4.500 M12 10v2.300l1.500 1",
  pendant: "M12 21a5 5 0 1 0 0-10 5 5 0 0 0 0 10z M12 17.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z M9 11.800C6.500 9 6 5 6.500 3 M15 11.800C17.500 9 18 5 17.500 3",
  phone: "M8 3h8a1.500 1.500 0 0 1 1.500 1.500v15A1.500 1.500 0 0 1 16 21H8a1.500 1.500 0 0 1-1.500-1.500v-15A1.500 1.500 0 0 1 8 3z M11 18h2",
  panel: "M4 4.500h16v15H4z M7 8h10v3H7z M7.500 15h.01 M12 15h.01 M16.500 15h.01",
  button: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z",
  message: "M4 5.500h16v11H10l-4 3.500v-3.500H4z M8 9.500h8 M8 12.500h5",
  server: "M4 4.500h16v6H4z M4 13.500h16v6H4z M7.500 7.500h.01 M7.500 16.500h.01 M11 7.500h6 M11 16.500h6",
  check: "M4.500 12.500l5 5 10-11",
  warn: "M12 3 2.500 20h19z M12 10v4.500 M12 17.200v.01",
  wait: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 7.500V12l3 2",
  press: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z M12 8v8 M8.500 12.500 12 16l3.500-3.500",
  plus: "M12 4.500v15 M4.500 12h15",
  next: "M9 5l7 7-7 7",
};

const pictured: Record<string, string> = {
  watch: "watch", minifinder2: "pendant", osmand: "phone", owntracks: "phone", dc09: "panel", sms: "message", traccar: "server",
  ttn: "button", chirpstack: "button", shelly: "button", zigbee2mqtt: "button", tasmota: "button", mqttjson: "button",
};

export function icon(name: string): TemplateResult {
  return html`<svg class="pairing-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${svg`<path d=${paths[name] ?? paths["tracker"]!}></path>`}</svg>`;
}

export function picture(protocol: string): TemplateResult {
  return icon(pictured[protocol] ?? "tracker");
}
