// The records that were found, a page of them, to be leafed through with keys as well.
import { button, h, name, say } from "../shell/dom.js";
import { plain, select } from "../shell/form.js";
import { number, when } from "../shell/language.js";
import { table } from "../shell/table.js";
import { answerChips, blindChip, flagChip, given, marked, share, stageKey, statusChip } from "./words.js";

const SIZES = [25, 50, 100, 200];
const SHOWN_PEOPLE = 2;

export class Results {
  // `onOpen(id)`, `onPage(number)`, `onSize(number)`, `onClear()`.
  constructor({ onOpen, onPage, onSize, onClear }) {
    Object.assign(this, { onOpen, onPage, onSize, onClear });
    this.lines = [];
    this.chosen = null;
    this.count = h("p.wb-count", { role: "status" });
    this.body = h("div");
    this.foot = h("div.wb-row.wb-pager");
    this.element = h("section.wb-card.wb-panel.wb-results", {}, this.body, this.foot);
  }

  show(found, needle) {
    this.lines = found.lines;
    if (!this.lines.some(({ id }) => id === this.chosen)) this.chosen = null;
    say(this.count, found.more ? "records_found_more" : "records_found", { n: found.total });
    this.body.replaceChildren(found.lines.length ? this.table(needle) : this.nothing(found));
    this.rows = [...this.body.querySelectorAll("tbody tr")];
    this.foot.replaceChildren(...(found.total ? this.pager(found) : []));
    this.paintChosen();
  }

  table(needle) {
    const columns = [
      { key: "text", title: "records_record", cell: (row) => textCell(row, needle) },
      { key: "gold", title: "records_label", cell: labelCell },
      { key: "proposal", title: "records_proposal", cell: proposalCell },
      { key: "people", title: "records_people", cell: peopleCell },
    ];
    return table({ caption: "nav_records", columns, rows: this.lines, onOpen: ({ id }) => this.onOpen(id) });
  }

  nothing(found) {
    if (found.page > 1) return h("div.wb-form", {}, say(h("p.wb-quiet"), "records_past_the_end"), h("div", {}, plain("records_first_page", () => this.onPage(1))));
    return h("div.wb-nothing", {}, say(h("p"), "records_nothing"), plain("records_clear", this.onClear));
  }

  pager({ page, size, total, more }) {
    const last = Math.ceil(total / size);
    const first = (page - 1) * size + 1;
    const range = h("span.wb-quiet", {}, `${number(first)}–${number(Math.min(total, page * size))}`);
    const sizes = select(SIZES.map((value) => ({ value: String(value), text: String(value) })), String(size));
    sizes.addEventListener("change", () => this.onSize(Number(sizes.value)));
    return [
      turn("records_previous", page > 1, () => this.onPage(page - 1)), range, turn("records_next", page < last, () => this.onPage(page + 1)),
      more && page >= last ? say(h("span.wb-quiet"), "records_narrow") : null,
      h("span.wb-grow"), keysHint(), h("label.wb-row.wb-quiet", {}, say(h("span"), "records_size"), sizes),
    ].filter(Boolean);
  }

  // The record that keys act on; `step` is 1 or -1. Gives its id, null at either end.
  move(step) {
    const place = this.lines.findIndex(({ id }) => id === this.chosen);
    const next = this.lines[place < 0 ? (step > 0 ? 0 : this.lines.length - 1) : place + step];
    if (!next) return null;
    this.choose(next.id);
    return next.id;
  }

  choose(id, { focus = true } = {}) {
    this.chosen = id;
    this.paintChosen();
    const row = this.rows?.[this.lines.findIndex((line) => line.id === id)];
    row?.scrollIntoView({ block: "nearest" });
    if (focus) row?.querySelector(".wb-link").focus({ preventScroll: true });
  }

  paintChosen() {
    this.rows?.forEach((row, place) => row.classList.toggle("is-chosen", this.lines[place].id === this.chosen));
  }
}

const turn = (key, possible, onclick) => say(button("button.wb-button", { onclick, disabled: !possible }), key);

const keysHint = () => h("span.wb-quiet.wb-keys-hint", { "aria-hidden": "true" }, h("kbd", {}, "J"), h("kbd", {}, "K"), " ", say(h("span"), "records_keys_move"), h("kbd", {}, "Enter"), " ", say(h("span"), "records_keys_open"), h("kbd", {}, "/"), " ", say(h("span"), "records_keys_search"));

function textCell(row, needle) {
  return h("span.wb-found", {},
    h("span.wb-found-text", { "data-given": true, dir: "auto" }, ...marked(row.excerpt, needle)),
    h("span.wb-found-facts", {}, given(row.external_id), row.group === null ? null : given(row.group), row.blind ? blindChip() : null));
}

function labelCell(row) {
  const flag = row.flagged && row.status !== "flagged" ? flagChip() : null;
  if (row.status === "waiting") return h("span.wb-answer", {}, statusChip("waiting"), flag);
  return h("span.wb-answer", {}, answerChips(row.gold) ?? statusChip(row.status), flag);
}

function proposalCell({ proposal }) {
  if (!proposal) return h("span.wb-quiet", {}, "–");
  const { answer, score, stage, source, differs } = proposal;
  const from = h("span.wb-found-facts", {}, score === null ? null : share(score), say(h("span"), stageKey(stage)), source === stage ? null : given(source));
  return h("span.wb-found", {}, answerChips(answer) ?? "–", from, differs ? say(h("span.wb-found-facts.wb-differs"), "records_differs") : null);
}

function peopleCell({ people, annotated_at }) {
  if (!people.length) return h("span.wb-quiet", {}, "–");
  const more = people.length - SHOWN_PEOPLE;
  const names = people.slice(0, SHOWN_PEOPLE).flatMap((person, place) => [place ? ", " : "", given(person)]);
  const rest = more > 0 ? name(h("span", {}, ` +${more}`), "title", "records_more_people", { n: more }) : null;
  return h("span.wb-found", {}, h("span", {}, ...names, rest), h("time.wb-found-facts", { datetime: annotated_at }, when(annotated_at)));
}
