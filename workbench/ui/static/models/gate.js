// The gate's verdict with its reasons, which the server says in the page's language.
import { h } from "../shell/dom.js";
import { inWords } from "../shell/phrases.js";

const LOOKS = { promote: "is-done", keep: "is-cancelled", undecided: "is-warn" };

export const verdictChip = ({ verdict, verdict_words: words }) => h(`span.wb-chip${LOOKS[verdict] ? `.${LOOKS[verdict]}` : ""}`, {}, words);

export function gateWords(version) {
  // One of them may end in a line that was said when a version could not be loaded.
  const reasons = version.reasons.map((reason) => h("li", {}, inWords(reason)));
  return h("div.wb-gate", {}, verdictChip(version), reasons.length ? h("ul", {}, ...reasons) : null);
}
