// Every label's F1 with both models, on the same rows, and who is ahead by how much.
import { button, h, icon, ICONS, name, say } from "../shell/dom.js";
import { number, t } from "../shell/language.js";
import { table } from "../shell/table.js";

// With fewer rows, one answer moves the score by more than a tenth.
const FEW = 10;
const SHOWN = 10;
const two = (value) => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = (value) => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" }).replace("-", "−");

export function labelTable({ labels, against }) {
  const rows = labels.map((label) => ({ ...label, difference: label.theirs === null ? null : label.ours - label.theirs }));
  const place = h("div.wb-label-scores");
  let sort = { key: "support", descending: true };
  let whole = rows.length <= SHOWN;
  const widest = Math.max(0.1, ...rows.map(({ difference }) => Math.abs(difference ?? 0)));
  function show() {
    const sorted = [...rows].sort(by(sort));
    const columns = columnsOf(Boolean(against), widest);
    const more = whole ? null : say(button("button.wb-button", { onclick: () => { whole = true; show(); } }), "models_all_labels", { n: rows.length });
    place.replaceChildren(
      table({ caption: "models_labels", columns, rows: whole ? sorted : sorted.slice(0, SHOWN), sort, onSort: (key) => { sort = turned(sort, key); show(); focusHead(place, key, columns); } }),
      ...(more ? [more] : []),
    );
  }
  show();
  return place;
}

function columnsOf(compared, widest) {
  return [
    { key: "name", title: "models_column_label", sortable: true },
    { key: "support", title: "models_column_support", sortable: true, numeric: true, cell: support },
    { key: "ours", title: "models_column_ours", sortable: true, numeric: true, cell: ({ ours }) => two(ours) },
    ...(compared
      ? [
          { key: "theirs", title: "models_column_theirs", sortable: true, numeric: true, cell: ({ theirs }) => two(theirs) },
          { key: "difference", title: "models_column_difference", sortable: true, wide: true, cell: ({ difference }) => bar(difference, widest) },
        ]
      : []),
  ];
}

// Leftwards where the label got worse, rightwards where it got better.
function bar(difference, widest) {
  const fill = h(difference < 0 ? "i.is-worse" : "i.is-better");
  fill.style.width = `${(50 * Math.abs(difference)) / widest}%`;
  return h("div.wb-lead", {}, h("div.wb-lead-track", { "aria-hidden": "true" }, fill), h("b", {}, signed(difference)));
}

function support({ support: rows }) {
  const few = rows < FEW && name(name(h("span.wb-few-rows", { role: "img" }, icon(ICONS.warning)), "aria-label", "models_few_rows", { n: rows }), "title", "models_few_rows", { n: rows });
  return h("span.wb-support", {}, few || null, number(rows));
}

const by = ({ key, descending }) => (one, other) => {
  const order = key === "name" ? one.name.localeCompare(other.name) : (one[key] ?? 0) - (other[key] ?? 0);
  return descending ? -order : order;
};

const turned = (sort, key) => ({ key, descending: sort.key === key ? !sort.descending : key !== "name" });

// The table is made anew; the head that was pressed keeps the focus.
const focusHead = (place, key, columns) => place.querySelectorAll("th")[columns.findIndex((column) => column.key === key)]?.querySelector("button")?.focus();
