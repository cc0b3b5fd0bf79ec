// What an import would do, in words, before it is done: tried by the server on the first rows.
import { h, quote, say } from "../shell/dom.js";
import { notice } from "../shell/notice.js";
import { table } from "../shell/table.js";

const SHOWN_LABELS = 12;

export function trialWords(tried, body) {
  const { rows, whole, makes_project: makes, new_records: fresh, known_records: known, repeated } = tried;
  const lines = [
    makes ? say(h("li"), `data_will_make_${body.kind}`, { project: body.project }) : null,
    say(h("li"), whole ? "data_will_take_all" : "data_will_take_first", { n: rows }),
    say(h("li"), "data_will_records", { fresh, known, repeated }),
    tried.annotations ? say(h("li"), body.blind ? "data_will_annotate_blind" : "data_will_annotate", { n: tried.annotations, by: body.by }) : null,
    tried.labels_added.length ? newLabels(tried.labels_added) : null,
    tried.proposals ? say(h("li"), "data_will_propose", { n: tried.proposals }) : null,
    tried.off_list_proposals ? say(h("li"), "data_will_off_list", { n: tried.off_list_proposals }) : null,
  ].filter(Boolean);
  return h("div.wb-form", {}, h("ul.wb-will", {}, ...lines), tried.rejected ? rejectedRows(tried) : notice("good", "data_will_reject_none"));
}

function newLabels(added) {
  const shown = added.slice(0, SHOWN_LABELS).join(", ") + (added.length > SHOWN_LABELS ? ", …" : "");
  return h("li", {}, say(h("span"), "data_will_add_labels", { n: added.length }), " ", h("strong", { "data-given": true, dir: "auto" }, shown));
}

const given = (text) => h("span", { "data-given": true, dir: "auto" }, text);

function rejectedRows({ rejected, faults }) {
  const columns = [{ key: "line", title: "data_line" }, { key: "reason", title: "data_reason", cell: ({ reason }) => quote(h("span", { dir: "auto" }), reason), wide: true }, { key: "text", title: "data_column_text", cell: ({ text }) => given(text) }];
  return h("div.wb-form", {}, notice("warn", "data_will_reject", { n: rejected }), table({ caption: "data_rejected_rows", columns, rows: faults }));
}
