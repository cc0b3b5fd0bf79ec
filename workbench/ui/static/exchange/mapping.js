// Which column is what, whose labels they are, and where it all goes: guessed by the server, changed by a person.
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { checkbox, field, input, plain, round, select } from "../shell/form.js";

const NEW = "";
const COLUMNS = [
  ["text", "text_column", () => true],
  ["id", "id_column", () => true],
  ["group", "group_column", () => true],
  ["labels", "labels_column", (kind) => kind !== "tags"],
  ["tags", "tags_column", (kind) => kind !== "category"],
  ["category", "category_column", (kind) => kind === "tags"],
];

export class Mapping {
  // `onKind(kind)` asks for another guess; `onChange()` is told of every other change.
  constructor({ seen, projects, project, kind, person, cleaning, onKind, onChange }) {
    Object.assign(this, { seen, projects, kind, person, onKind, onChange, proposals: [] });
    this.target = this.makeTarget(project);
    this.columns = Object.fromEntries(COLUMNS.map(([role]) => [role, this.columnChoice(seen.mapping[role], role === "text")]));
    this.whose = select([{ value: "people", key: "data_by_people" }, { value: "machine", key: "data_by_machine" }], "people");
    this.by = input({ value: person, maxlength: "255" });
    this.blind = checkbox({ label: "data_blind" });
    this.add = checkbox({ label: "data_add_labels" });
    this.cleaning = cleaning.map((one) => [one, checkbox({ label: `data_clean_${one}` })]);
    this.proposalList = h("div.wb-form");
    this.element = h("div.wb-form", {}, this.target.element, this.columnFields(), this.labelFields(), this.proposalFields(), this.cleaningFields());
    for (const found of seen.mapping.proposals) this.addProposal(found);
    // A text tells of each letter; told again when it is left, it would take the button away from under the click.
    const typed = (event) => event.target.matches("input:not([type=checkbox])");
    this.element.addEventListener("change", (event) => { if (!typed(event)) this.changed(); });
    this.element.addEventListener("input", (event) => { if (typed(event)) this.changed(); });
    this.show();
  }

  makeTarget(project) {
    const known = this.projects.map((one) => ({ value: one.name, text: one.name }));
    const choice = select([...known, { value: NEW, key: "data_new_project" }], project ?? NEW);
    const title = input({ maxlength: "64" });
    const kinds = select(["category", "tags", "both"].map((value) => ({ value, key: `data_kind_${value}` })), this.kind);
    const fresh = h("div.wb-fields", {}, field({ label: "data_project_name", hint: "data_project_name_hint" }, title), field({ label: "data_project_kind" }, kinds));
    choice.addEventListener("change", () => this.useKind(this.projects.find((one) => one.name === choice.value)?.kind ?? kinds.value));
    kinds.addEventListener("change", () => this.useKind(kinds.value));
    return { choice, title, kinds, fresh, element: h("div.wb-form", {}, h("div.wb-fields", {}, field({ label: "data_into" }, choice)), fresh) };
  }

  useKind(kind) {
    if (kind !== this.kind) this.onKind(kind, this.target);
  }

  // What was chosen before another guess was asked for.
  resume({ choice, title }) {
    this.target.choice.value = choice.value;
    this.target.title.value = title.value;
    this.show();
  }

  columnChoice(chosen, needed = false) {
    const none = needed ? [] : [{ value: "", key: "data_no_column" }];
    return select([...none, ...this.seen.columns.filter(Boolean).map((column) => ({ value: column, text: column }))], chosen ?? "");
  }

  columnFields() {
    this.columnFieldOf = Object.fromEntries(COLUMNS.map(([role]) => [role, field({ label: `data_column_${role}`, hint: `data_column_${role}_hint` }, this.columns[role])]));
    return h("div.wb-fields", {}, ...Object.values(this.columnFieldOf));
  }

  labelFields() {
    this.blindField = h("div.wb-field", {}, this.blind, say(h("p.wb-hint-text"), "data_blind_hint"));
    this.addField = h("div.wb-field", {}, this.add, say(h("p.wb-hint-text"), "data_add_labels_hint"));
    this.byField = field({ label: "data_by", hint: "data_by_hint" }, this.by);
    this.labels = h("fieldset.wb-group", {}, say(h("legend"), "data_labels_of"), h("div.wb-fields", {}, field({ label: "data_whose" }, this.whose), this.byField), this.blindField, this.addField);
    return this.labels;
  }

  proposalFields() {
    const add = plain("data_add_proposals", () => { this.addProposal({ column: "", source: "", score_column: null }); this.changed(); });
    return h("fieldset.wb-group", {}, say(h("legend"), "data_proposals"), say(h("p.wb-hint-text"), "data_proposals_hint"), this.proposalList, h("div.wb-row", {}, add));
  }

  cleaningFields() {
    const boxes = this.cleaning.map(([one, box]) => h("div.wb-field", {}, box, say(h("p.wb-hint-text"), `data_clean_${one}_hint`)));
    return h("details.wb-more", {}, say(h("summary"), "data_cleaning"), h("div.wb-form", {}, ...boxes));
  }

  addProposal({ column, source, score_column: score }) {
    const parts = { column: this.columnChoice(column), score: this.columnChoice(score), source: input({ value: source, maxlength: "255" }) };
    const row = h("div.wb-proposal-row", {}, field({ label: "data_proposal_column" }, parts.column), field({ label: "data_proposal_score" }, parts.score), field({ label: "data_proposal_source" }, parts.source));
    // Until somebody names the source, it is called as its column.
    parts.column.addEventListener("change", () => { parts.source.value ||= parts.column.value; });
    row.append(round("data_remove", icon(ICONS.trash), () => {
      this.proposals = this.proposals.filter((one) => one !== parts);
      row.remove();
      this.changed();
    }));
    this.proposals.push(parts);
    this.proposalList.append(row);
  }

  changed() {
    this.show();
    this.onChange();
  }

  // Only what the choices so far ask for is there to be answered.
  show() {
    for (const [role, , wanted] of COLUMNS) this.columnFieldOf[role].hidden = !wanted(this.kind);
    this.target.fresh.hidden = this.target.choice.value !== NEW;
    const people = this.whose.value === "people";
    this.labels.hidden = !this.bringsLabels;
    this.blindField.hidden = !people;
    this.addField.hidden = !people;
    say(this.byField.querySelector("label"), people ? "data_by" : "data_by_machine_name");
  }

  chosen(role) {
    const [, , wanted] = COLUMNS.find(([name]) => name === role);
    return wanted(this.kind) ? this.columns[role].value || null : null;
  }

  get bringsLabels() {
    return this.chosen("labels") !== null || this.chosen("tags") !== null;
  }

  get project() {
    return this.target.choice.value || this.target.title.value.trim();
  }

  // What each column is taken for, as the key of its name.
  roles() {
    const found = new Map(COLUMNS.map(([role]) => [this.chosen(role), `data_role_${role}`]).filter(([column]) => column));
    for (const { column, score } of this.proposals) {
      if (column.value) found.set(column.value, "data_role_proposal");
      if (score.value) found.set(score.value, "data_role_score");
    }
    return found;
  }

  // The body of a trial or of an import.
  body() {
    const people = this.bringsLabels && this.whose.value === "people";
    return {
      project: this.project,
      kind: this.kind,
      ...Object.fromEntries(COLUMNS.map(([role, key]) => [key, this.chosen(role)])),
      as_annotation: people || !this.bringsLabels,
      by: this.bringsLabels ? this.by.value.trim() : "",
      blind: people && this.blind.control.checked,
      add_labels: people && this.add.control.checked,
      proposal_columns: this.proposals.filter(({ column }) => column.value).map(({ column, score, source }) => ({ column: column.value, source: source.value.trim() || column.value, score_column: score.value || null })),
      cleaning: this.cleaning.filter(([, box]) => box.control.checked).map(([one]) => one),
      sheet: this.seen.sheet,
    };
  }
}
