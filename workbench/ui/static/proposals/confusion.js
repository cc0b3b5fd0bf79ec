// What one source says where each label is true: a row per true label, a column per label it says, shaded by share.
import { h, name, say } from "../shell/dom.js";
import { number, percent } from "../shell/language.js";

// A label that it has hardly had before it says nothing, and more than a screenful nobody reads.
const LEAST_VOTES = 1;
const SHOWN = 24;
// So much of the colour at most, that the figures stand out on it in both themes.
const DARKEST = 40;

export function confusionTable(labels, { confusion, expected }) {
  const places = labels.map((_, place) => place);
  const often = places.filter((place) => expected[place] >= LEAST_VOTES).sort((one, other) => expected[other] - expected[one]);
  const shown = often.slice(0, SHOWN).sort((one, other) => one - other);
  const head = h("tr", {}, say(h("th", { scope: "col" }), "opinions_true"), say(h("th.is-number", { scope: "col" }), "opinions_expected"), ...shown.map((place) => h("th.wb-confusion-said", { scope: "col", "data-given": true }, h("span", {}, labels[place]))));
  const rows = shown.map((place) => row(labels, { place, shown, shares: confusion[place], votes: expected[place] }));
  const whole = h("table.wb-table.wb-confusion", {}, say(h("caption.wb-unseen"), "opinions_confusion"), h("thead", {}, head), h("tbody", {}, ...rows));
  const frame = name(h("div.wb-table-frame", { tabindex: "0", role: "region" }, whole), "aria-label", "opinions_confusion");
  const hidden = labels.length - shown.length;
  return h("div", {}, frame, hidden ? say(h("p.wb-hint-text"), "opinions_labels_hidden", { n: hidden }) : null);
}

function row(labels, { place, shown, shares, votes }) {
  const cells = shown.map((said) => cell(shares[said], said === place));
  return h("tr", {}, h("th.wb-confusion-true", { scope: "row", "data-given": true }, labels[place]), h("td.is-number.wb-quiet", {}, number(Math.round(votes))), ...cells);
}

function cell(share, right) {
  const shaded = h(`td.wb-confusion-cell${right ? ".is-right" : ""}`, {}, percent(share));
  // By the root, since most mistakes are small shares.
  shaded.style.setProperty("--shade", `${(DARKEST * Math.sqrt(share)).toFixed(1)}%`);
  return shaded;
}
