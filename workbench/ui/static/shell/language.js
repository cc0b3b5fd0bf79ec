// The texts of the page in the chosen language. A missing text is a fault and says so.
import { read, write } from "./storage.js";

export const LANGUAGES = ["ru", "en"];
let chosen = "en";
let texts = {};
let phrases = {};
let page = "shell";

export const language = () => chosen;

// How the lines read that the server says in English; empty where that is the page's language.
export const phraseBook = () => phrases;

// The texts of the frame and those of `of`, the page; the page that was loaded first is kept where none is named.
export async function useLanguage(wanted = remembered(), of = page) {
  const [book, ...parts] = await Promise.all([wanted === "en" ? {} : load(wanted, "errors"), ...["shell", of].map((name) => load(wanted, name))]);
  texts = Object.assign({}, ...parts);
  phrases = book;
  chosen = wanted;
  page = of;
  write("wb:language", wanted);
  document.documentElement.lang = wanted;
  document.title = `${t(`nav_${of}`)} · ${t("brand")}`;
}

async function load(wanted, name) {
  const answer = await fetch(new URL(`ui/texts/${wanted}/${name}.json`, document.baseURI));
  if (!answer.ok) throw new Error(`texts of ${name} in ${wanted}: ${answer.status}`);
  return answer.json();
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

export const percent = (share) => `${Math.round(100 * share)}%`;

export const number = (value, options = {}) => value.toLocaleString(chosen, options);

// A moment given in ISO 8601, as people of the language write it.
export const when = (moment) => new Date(moment).toLocaleString(chosen, { dateStyle: "medium", timeStyle: "short" });
