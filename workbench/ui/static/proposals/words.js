// How stages and money are said on this page.
import { number } from "../shell/language.js";

export const stageKey = (stage) => `stage_${stage.replaceAll("-", "_")}`;
export const money = (cost) => `$${number(cost, { minimumFractionDigits: cost && cost < 0.1 ? 4 : 2, maximumFractionDigits: 4 })}`;
