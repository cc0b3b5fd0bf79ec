// A table of keywords by category: what each catches rightly and wrongly, examples, and what can be done with it.
import { button, colourOf, h, icon, ICONS, name, say } from "../shell/dom.js";
import { act, plain, round } from "../shell/form.js";
import { number, percent } from "../shell/language.js";

const FEW = 5;

// `order` are the entries of the draft; `desk` is {may, listed(row), take(row), tell(row, what)}.
export function keywordTable({ rows, caption, order, desk }) {
  const most = Math.max(...rows.map((row) => Math.max(row.right, wrongOf(row))));
  const names = [...new Set(rows.map(({ category }) => category))];
  const groups = names.map((category) => group(category, rows.filter((row) => row.category === category), { order, desk, most }));
  const heads = ["labels_kw_word", "labels_kw_caught", "labels_kw_precision", "labels_kw_records"].map((key, place) => say(h("th", { scope: "col", class: place > 1 ? "is-number" : null }), key));
  const table = h("table.wb-table.wb-keyword-table", {}, say(h("caption.wb-unseen"), caption), h("thead", {}, h("tr", {}, ...heads, h("td"))), ...groups);
  return name(h("div.wb-table-frame", { tabindex: "0", role: "region" }, table), "aria-label", caption);
}

export const wrongOf = ({ wrong }) => Object.values(wrong).reduce((sum, count) => sum + count, 0);

function group(category, rows, { order, desk, most }) {
  const place = order.findIndex((entry) => (entry.was ?? entry.name) === category);
  const dot = h("i.wb-dot");
  dot.style.setProperty("--c", colourOf(order[place]?.color, Math.max(0, place)));
  const head = h("tr.wb-keyword-group", {}, h("th", { scope: "rowgroup", colspan: "5" }, dot, h("strong", { "data-given": true, dir: "auto" }, category)));
  const body = h("tbody", {}, head, ...rows.slice(0, FEW).flatMap((row) => line(row, desk, most)));
  if (rows.length > FEW) body.append(rest(rows.slice(FEW), (row) => line(row, desk, most)));
  return body;
}

function rest(rows, make) {
  const more = say(button("button.wb-link"), "labels_kw_more", { n: rows.length });
  const whole = h("tr", {}, h("td", { colspan: "5" }, more));
  more.addEventListener("click", () => whole.replaceWith(...rows.flatMap(make)));
  return whole;
}

function line(row, desk, most) {
  const seen = h("tr.wb-keyword-examples", { hidden: true }, h("td", { colspan: "5" }, ...examples(row)));
  const open = button("button.wb-keyword-word", { "aria-expanded": "false" }, h("span", { "data-given": true, dir: "auto" }, row.word), icon(ICONS.down));
  name(open, "title", "labels_kw_examples");
  open.addEventListener("click", () => {
    seen.hidden = !seen.hidden;
    open.setAttribute("aria-expanded", String(!seen.hidden));
  });
  const whole = h("tr", {}, h("td", {}, open), h("td", {}, balance(row, most)), figure("labels_kw_precision", precision(row)), figure("labels_kw_records", records(row)), h("td", {}, h("div.wb-keyword-tools")));
  whole.querySelector(".wb-keyword-tools").append(...(desk.may ? tools(row, desk, [whole, seen]) : []));
  return [whole, seen];
}

// Wrong to the left and right to the right of a line, as long as there are texts.
function balance(row, most) {
  const wrong = wrongOf(row);
  const bar = (kind, count) => {
    const one = h(`i.wb-balance-${kind}`, { "aria-hidden": "true" });
    one.style.setProperty("--share", String(count / most));
    return one;
  };
  const count = (key, n) => name(h("span", {}, number(n)), "title", key);
  const bars = h("div.wb-balance", {}, h("div", {}, count("labels_kw_wrong", wrong), bar("wrong", wrong)), h("div", {}, bar("right", row.right), count("labels_kw_right", row.right)));
  const of = Object.entries(row.wrong).map(([category, n]) => `${category} ${number(n)}`).join(", ");
  return h("div", {}, bars, of ? h("div.wb-balance-of.wb-quiet", { "data-given": true }, of) : null);
}

// On a phone there are no heads of columns: each figure says what it is.
const figure = (key, shown) => name(h("td.is-number", {}, shown), "data-label", key);

const precision = (row) => h("span", {}, percent(row.precision), " ", say(h("span.wb-quiet"), "labels_kw_lower", { lower: percent(row.lower) }));

function records(row) {
  const all = h("span", {}, number(row.records));
  if (row.advice !== "add" || !row.records) return all;
  return h("span", {}, all, " ", say(h("span.wb-quiet"), "labels_kw_fresh", { fresh: row.fresh }));
}

function examples({ examples, against }) {
  const one = (kind) => ({ text, category }) => h("li", { class: kind }, h("span.wb-chip", { "data-given": true }, category), h("span", { "data-given": true, dir: "auto" }, text));
  const list = [...examples.map(one("is-right")), ...against.map(one("is-wrong"))];
  return [list.length ? h("ul", {}, ...list) : say(h("p.wb-quiet"), "nothing_here")];
}

function tools(row, desk, lines) {
  const adds = row.advice === "add";
  const take = plain("labels_kw_take", () => { desk.take(row); paint(); });
  const paint = () => {
    const done = desk.listed(row) === adds;
    say(take, done ? "labels_kw_undo" : adds ? "labels_kw_take" : "labels_kw_remove");
    lines[0].classList.toggle("is-taken", done);
  };
  paint();
  const turnDown = round("labels_kw_dismiss", icon(ICONS.close), () => act(turnDown, async () => {
    await desk.tell(row, "dismissed");
    hide(row, desk, lines);
  }));
  return [take, turnDown];
}

// What was turned down can be taken back for as long as one looks at it.
function hide(row, desk, lines) {
  const back = plain("labels_kw_back", () => act(back, async () => {
    await desk.tell(row, "recalled");
    gone.replaceWith(...lines);
  }));
  const gone = h("tr.wb-keyword-gone", {}, h("td", { colspan: "5" }, say(h("span.wb-quiet"), "labels_kw_dismissed", { word: row.word }), " ", back));
  lines[0].querySelector("[aria-expanded]").setAttribute("aria-expanded", "false");
  lines[1].hidden = true;
  lines[1].remove();
  lines[0].replaceWith(gone);
  back.focus();
}
