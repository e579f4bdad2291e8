/** All words of drills on the desk, in both languages. */
import { words } from "../i18n.ts";

export const t = words({
  drill: { zh: "演练", en: "Drill" },
  drills: { zh: "演练", en: "Drills" },
  before: { zh: "【演练】{text}", en: "DRILL: {text}" },
  only: { zh: "演练：{text}", en: "Drill: {text}" },
});
