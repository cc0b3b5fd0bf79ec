// How answers, states and people are shown, in the list and in the history alike. All of it is text.
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { percent } from "../shell/language.js";

export const given = (text, tag = "span") => h(tag, { "data-given": true, dir: "auto" }, text);

export const stageKey = (stage) => `stage_${stage.replaceAll("-", "_")}`;

// A label's value: the category first, then tags; `null` where nothing was said.
export function answerChips(answer) {
  if (!answer || (answer.category === null && answer.tags === null)) return null;
  const chips = answer.category === null ? [] : [h("span.wb-chip.wb-said-category", { "data-given": true, dir: "auto", title: answer.category }, answer.category)];
  for (const tag of answer.tags ?? []) chips.push(h("span.wb-chip.wb-said-tag", { "data-given": true, dir: "auto", title: tag }, tag));
  if (answer.tags !== null && !answer.tags.length) chips.push(say(h("span.wb-quiet"), "records_no_tags"));
  return h("span.wb-answer", {}, ...chips);
}

export const statusChip = (status) => say(h(`span.wb-chip.wb-status.is-${status}`), `records_status_${status}`);

export const flagChip = () => h("span.wb-chip.wb-status.is-flagged", {}, icon(ICONS.flag), say(h("span"), "records_flag"));

export const blindChip = () => name(h("span.wb-chip.wb-chip-blind", {}, icon(ICONS.eyeOff), say(h("span"), "records_blind")), "title", "records_blind_why");

export const share = (score) => h("span.wb-score", {}, percent(score));

// The text with what was looked for marked in it.
export function marked(text, needle) {
  const wanted = (needle ?? "").trim().toLowerCase();
  const lower = text.toLowerCase();
  // A letter that changes its length in lower case would shift the marks.
  if (!wanted || lower.length !== text.length) return [text];
  const parts = [];
  let start = 0;
  for (let place = lower.indexOf(wanted); place >= 0; place = lower.indexOf(wanted, start)) {
    parts.push(text.slice(start, place), h("mark", {}, text.slice(place, place + wanted.length)));
    start = place + wanted.length;
  }
  return [...parts, text.slice(start)];
}
