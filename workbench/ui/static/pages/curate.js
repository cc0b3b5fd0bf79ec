// The curation page: puts the parts together. Gradio calls start() with the element it made for us.
import { Actions } from "../curate/actions.js";
import { Choices } from "../curate/choices.js";
import { Desk } from "../curate/desk.js";
import { openHelp, openRefused } from "../curate/dialogs.js";
import { listen } from "../curate/keys.js";
import { Link } from "../curate/link.js";
import { Outbox } from "../curate/outbox.js";
import { ProposalCard } from "../curate/proposal.js";
import { Reading } from "../curate/reading.js";
import { ask } from "../shell/api.js";
import { chosenProject, whoAsks } from "../shell/asker.js";
import { button, h, say } from "../shell/dom.js";
import { emptyState } from "../shell/empty.js";
import { round } from "../shell/form.js";
import { makeFrame } from "../shell/frame.js";
import { useLanguage } from "../shell/language.js";
import { noProject } from "../shell/page.js";
import { inWords } from "../shell/phrases.js";
import { covers, linkTo } from "../shell/places.js";
import { randomId } from "../shell/storage.js";

export async function start(element) {
  await useLanguage(undefined, "curate");
  const [me, { projects }] = await Promise.all([whoAsks(), ask("api/annotate")]);
  const project = chosenProject(projects);
  const frame = { page: "curate", me, projects, project, narrow: true };
  if (project === null) return showEmpty(element, frame, noProject(me));
  const setup = await ask(`api/annotate/${encodeURIComponent(project)}`);
  if (!(setup.labels.categories?.length || Object.keys(setup.labels.tags ?? {}).length)) {
    return showEmpty(element, frame, noLabels(project, me));
  }
  return new Page({ element, frame, setup, person: me.person }).open();
}

// An admin can do something about it, here in the browser too.
function noLabels(project, me) {
  if (!covers(me.role, "admin")) return emptyState("empty_awaits_labels", { project }, { mark: "labels" });
  const command = `workbench labels ${quoted(project)} --set labels.yaml`;
  return emptyState("empty_no_labels", { project }, { command, href: linkTo("labels", project), mark: "labels" });
}

const quoted = (project) => (/^[\w.-]+$/.test(project) ? project : `"${project}"`);

function showEmpty(element, frame, what) {
  const app = makeFrame({ ...frame, onLanguage: () => {} });
  app.append(h("main.wb-main.is-empty", { id: "wb-content", tabindex: "-1" }, what));
  element.replaceChildren(app);
}

class Page {
  constructor({ element, frame, setup, person }) {
    Object.assign(this, { element, frame, setup, person });
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
    this.saved = button("button.wb-saved", { onclick: () => { if (this.outbox.refused.length) openRefused(this.outbox, () => this.paintState()); } });
    this.main = h("main.wb-main", { id: "wb-content", tabindex: "-1" }, say(h("h1.wb-unseen"), "nav_curate"), this.reading.element, h("aside.wb-side", {}, this.proposal.element, this.choices.element));
    this.empty = h("main.wb-main.is-empty", { hidden: true });
    this.app = makeFrame({ ...this.frame, onLanguage: () => this.repaint(), extra: [h("span", { role: "status" }, this.saved), round("help", "?", () => openHelp(this.setup))] });
    this.app.classList.add("wb-curate");
    this.app.dataset.kind = this.setup.kind;
    this.app.append(this.main, this.empty, this.actions.element);
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
    this.empty.replaceChildren(emptyState(`empty_${key}`, key === "elsewhere" ? { project, n: left } : { project }, { command }));
  }

  paintState() {
    const pending = this.outbox.actions.length;
    const refused = this.outbox.refused.length;
    const [state, n] = refused ? ["refused", refused] : this.link.fault ? ["fault", pending] : this.link.lost ? ["offline", pending] : pending ? ["saving", pending] : ["saved", 0];
    this.saved.dataset.state = this.outbox.kept ? state : "unkept";
    this.saved.title = this.link.fault ? inWords(this.link.fault.message) : "";
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
