// Tables of rows from the server: a real table, whose rows can be opened with keys as well as with a click.
import { button, h, name, say } from "./dom.js";

// `columns` are {key, title, cell?, numeric?, sortable?, wide?}: `title` the key of a text, `cell(row)` a node or a
// string, else row[key]. `sort` is {key, descending}; `onSort(key)` is told which head was pressed.
export function table({ caption, columns, rows, sort = null, onSort = null, onOpen = null, empty = "nothing_here" }) {
  if (!rows.length) return say(h("p.wb-quiet"), empty);
  const heads = columns.map((column) => head(column, sort, onSort));
  const body = rows.map((row) => line(row, columns, onOpen));
  const whole = h("table.wb-table", {}, say(h("caption.wb-unseen"), caption), h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...body));
  return name(h("div.wb-table-frame", { tabindex: "0", role: "region" }, whole), "aria-label", caption);
}

function head(column, sort, onSort) {
  const attributes = { scope: "col", class: classOf(column) };
  if (!column.sortable || !onSort) return say(h("th", attributes), column.title);
  const mine = sort?.key === column.key;
  attributes["aria-sort"] = mine ? (sort.descending ? "descending" : "ascending") : "none";
  return h("th", attributes, say(button("button.wb-sort", { onclick: () => onSort(column.key) }), column.title));
}

function line(row, columns, onOpen) {
  const cells = columns.map((column, place) => cell(row, column, place === 0 ? onOpen : null));
  const whole = h("tr", {}, ...cells);
  if (!onOpen) return whole;
  whole.classList.add("is-open-able");
  whole.addEventListener("click", (event) => { if (!event.target.closest("a, button, input, select")) onOpen(row); });
  return whole;
}

// The first cell of a row that opens holds the button for it, so that keys and screen readers find it.
function cell(row, column, onOpen) {
  const shown = column.cell ? column.cell(row) : row[column.key];
  const content = shown instanceof Node ? shown : String(shown ?? "–");
  return h("td", { class: classOf(column) }, onOpen ? button("button.wb-link", { onclick: () => onOpen(row) }, content) : content);
}

const classOf = ({ numeric, wide }) => [numeric && "is-number", wide && "is-wide"].filter(Boolean).join(" ") || null;
