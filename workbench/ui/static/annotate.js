// The curation page: puts the parts together. Gradio calls start() with the element it made for us.
import { Actions } from "./curate/actions.js";
import { Choices } from "./curate/choices.js";
import { Desk } from "./curate/desk.js";
import { openHelp, openName, openRefused } from "./curate/dialogs.js";
import { listen } from "./curate/keys.js";
import { Link } from "./curate/link.js";
import { Outbox } from "./curate/outbox.js";
import { ProposalCard } from "./curate/proposal.js";
import { emptyState, Reading } from "./curate/reading.js";
import { ask } from "./shell/api.js";
import { button, h, name, say } from "./shell/dom.js";
import { t, useLanguage } from "./shell/language.js";
import { chosenProject, makeHeader } from "./shell/header.js";
import { randomId, read, write } from "./shell/storage.js";

export async function start(element) {
  await useLanguage();
  const { projects, person: loggedIn } = await ask("api/annotate");
  const project = chosenProject(projects);
  const person = loggedIn ?? read("wb:person") ?? "me";
  if (project === null) return showEmpty(element, projects, "no_project", {}, "workbench import FILE --project NAME --kind category");
  const setup = await ask(`api/annotate/${encodeURIComponent(project)}`);
  if (!(setup.labels.categories?.length || Object.keys(setup.labels.tags ?? {}).length)) {
    return showEmpty(element, projects, "no_labels", { project }, `workbench labels ${quoted(project)} --set labels.yaml`);
  }
  return new Page({ element, projects, setup, person, loggedIn }).open();
}

const quoted = (project) => (/^[\w.-]+$/.test(project) ? project : `"${project}"`);

function showEmpty(element, projects, key, values, command) {
  const header = makeHeader({ page: "curate", projects, project: values.project ?? null, onLanguage: () => {} });
  element.replaceChildren(h("div.wb-app", {}, header, h("main.wb-main.is-empty", {}, emptyState(key, values, command))));
}

class Page {
  constructor({ element, projects, setup, person, loggedIn }) {
    Object.assign(this, { element, projects, setup, person, loggedIn });
    const holder = randomId();
    this.outbox = new Outbox({ project: setup.name, person, holder });
    this.desk = new Desk({ setup, outbox: this.outbox, changed: (what) => this.changed(what) });
    this.link = new Link({ project: setup.name, person, holder, outbox: this.outbox, desk: this.desk });
    this.desk.link = this.link;
    this.commands = {
      accept: () => this.hint(this.desk.accept()),
      save: () => this.hint(this.desk.submit()),
      skip: () => this.desk.skip(),
      flag: () => this.desk.flag(),
      undo: () => this.hint(this.desk.undo()),
    };
    this.build();
  }

  build() {
    const { desk } = this;
    this.reading = new Reading({ onComment: (text) => { if (desk.pick) desk.pick.comment = text; } });
    this.proposal = new ProposalCard();
    this.choices = new Choices({ onPress: (label) => desk.press(label), onBack: () => desk.backToCategory() });
    this.actions = new Actions(this.commands, desk);
    this.saved = button("button.wb-saved", { role: "status", onclick: () => { if (this.outbox.refused.length) openRefused(this.outbox, () => this.paintState()); } });
    this.main = h("main.wb-main", {}, this.reading.element, h("aside.wb-side", {}, this.proposal.element, this.choices.element));
    this.empty = h("main.wb-main.is-empty", { hidden: true });
    this.header = makeHeader({ page: "curate", projects: this.projects, project: this.setup.name, onLanguage: () => this.repaint(), extra: [this.saved, this.who(), this.helpButton()] });
    this.app = h("div.wb-app.wb-curate", { "data-kind": this.setup.kind }, this.header, this.main, this.empty, this.actions.element);
  }

  open() {
    this.element.replaceChildren(this.app);
    listen(this.keys(), (place) => this.desk.current !== null && this.choices.pressPlace(place));
    addEventListener("pagehide", () => this.leave());
    // Back from the browser's page cache: the leases are gone, so start afresh.
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    this.outbox.beat();
    this.repaint();
    this.link.start();
  }

  leave() {
    this.desk.keep();
    this.link.flush(true);
    this.outbox.close();
  }

  keys() {
    return {
      KeyA: this.commands.accept,
      Enter: () => (this.desk.asksTags ? this.commands.save() : undefined),
      Space: this.commands.skip,
      KeyF: this.commands.flag,
      KeyU: this.commands.undo,
      KeyC: () => this.reading.comment.focus(),
      Slash: () => this.choices.openSearch(),
      "Shift+Slash": () => openHelp(this.setup),
      Escape: () => this.desk.backToCategory() || document.activeElement?.blur(),
      Backspace: () => this.desk.backToCategory(),
    };
  }

  who() {
    const label = h("span", {}, this.person);
    if (this.loggedIn) return h("span.wb-who", {}, label);
    const rename = (person) => { write("wb:person", person); location.reload(); };
    return name(button("button.wb-who", { onclick: () => openName(this.person, rename) }, label), "title", "your_name");
  }

  helpButton() {
    return name(name(button("button.wb-round", { onclick: () => openHelp(this.setup) }, "?"), "aria-label", "help"), "title", "help");
  }

  hint(key) {
    this.actions.say(key ?? null);
  }

  // — painting —

  changed(what) {
    if (what === "labels") this.reloadSetup();
    else if (what === "progress") this.actions.paintFigures(this.desk);
    else if (what === "state") this.paintState();
    else if (what === "pick") this.choices.paint(this.desk);
    else this.paintItem();
  }

  repaint() {
    this.paintItem();
    this.paintState();
  }

  paintItem() {
    const { desk } = this;
    this.reading.paint(desk.current, desk.pick);
    this.proposal.paint(desk.current, desk);
    this.choices.paint(desk);
    this.actions.paint(desk);
    this.actions.paintFigures(desk);
    this.actions.say(null);
    this.paintEmpty();
  }

  paintEmpty() {
    const none = !this.desk.current && this.desk.served !== null;
    this.main.hidden = none;
    this.empty.hidden = !none;
    if (!none) return;
    const project = this.setup.name;
    const { queue, left } = this.desk.served;
    const key = !queue ? "no_queue" : left > this.outbox.actions.length ? "elsewhere" : "done";
    const command = key === "elsewhere" ? null : `workbench queue --project ${quoted(project)}`;
    this.empty.replaceChildren(emptyState(key, key === "elsewhere" ? { project, n: left } : { project }, command));
  }

  paintState() {
    const pending = this.outbox.actions.length;
    const refused = this.outbox.refused.length;
    const [state, n] = refused ? ["refused", refused] : this.link.fault ? ["fault", pending] : this.link.lost ? ["offline", pending] : pending ? ["saving", pending] : ["saved", 0];
    this.saved.dataset.state = this.outbox.kept ? state : "unkept";
    this.saved.title = this.link.fault?.message ?? "";
    say(this.saved, this.outbox.kept ? `state_${state}` : "state_unkept", { n });
  }

  async reloadSetup() {
    if (this.reloading) return;
    this.reloading = true;
    try {
      this.setup = await ask(`api/annotate/${encodeURIComponent(this.setup.name)}`);
      this.desk.use(this.setup);
      this.desk.begin();
      this.hint("labels_changed");
    } finally {
      this.reloading = false;
    }
  }
}
