// The texts of the page in the chosen language. A missing text is a fault and says so.
import { read, write } from "./storage.js";

export const LANGUAGES = ["ru", "en"];
let chosen = "en";
let texts = {};

export const language = () => chosen;

export async function useLanguage(wanted = remembered()) {
  const answer = await fetch(new URL(`ui/texts/${wanted}.json`, document.baseURI));
  if (!answer.ok) throw new Error(`texts of ${wanted}: ${answer.status}`);
  texts = await answer.json();
  chosen = wanted;
  write("wb:language", wanted);
  document.documentElement.lang = wanted;
  document.title = t("title");
}

function remembered() {
  const kept = read("wb:language");
  if (LANGUAGES.includes(kept)) return kept;
  return (navigator.languages ?? [navigator.language]).some((name) => /^(ru|be|uk|kk)\b/i.test(name)) ? "ru" : "en";
}

// t("left", { n: 5 }) takes "left_few" and the like where the language has plural forms for this text.
export function t(key, values = {}) {
  const form = "n" in values ? `${key}_${new Intl.PluralRules(chosen).select(values.n)}` : key;
  const text = texts[form] ?? texts[`${key}_other`] ?? texts[key];
  if (text === undefined) {
    console.error(`no text ${key} in ${chosen}`);
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? show(values[name]) : whole));
}

export const has = (key) => key in texts;

function show(value) {
  return typeof value === "number" ? value.toLocaleString(chosen) : String(value);
}

export function percent(share) {
  return `${Math.round(100 * share)}%`;
}
