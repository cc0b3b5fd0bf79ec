// The gate's verdict with its reasons, which the server says in the page's language.
import { h } from "../shell/dom.js";

const LOOKS = { promote: "is-done", keep: "is-cancelled", undecided: "is-warn" };

export const verdictChip = ({ verdict, verdict_words: words }) => h(`span.wb-chip${LOOKS[verdict] ? `.${LOOKS[verdict]}` : ""}`, {}, words);

export function gateWords(version) {
  const reasons = version.reasons.map((reason) => h("li", {}, reason));
  return h("div.wb-gate", {}, verdictChip(version), reasons.length ? h("ul", {}, ...reasons) : null);
}
