// Records: finding them by what they are and what was said of them, and one record's whole history beside the list.
import { queryOf, readAddress, writeAddress } from "../records/address.js";
import { Drawer } from "../records/drawer.js";
import { Filters } from "../records/filters.js";
import { Results } from "../records/results.js";
import { ask } from "../shell/api.js";
import { h, icon, ICONS } from "../shell/dom.js";
import { emptyState } from "../shell/empty.js";
import { round } from "../shell/form.js";
import { errorLine } from "../shell/notice.js";
import { openPage } from "../shell/page.js";
import { covers, linkTo } from "../shell/places.js";

let shown = null;

export const start = (element) => openPage(element, { page: "records", role: "reviewer", paint });

async function paint({ main, head, me, project, repaint }) {
  const path = `api/records/${encodeURIComponent(project)}`;
  const choices = await ask(`${path}/choices`);
  shown = new Records({ path, choices, project, me });
  main.replaceChildren(shown.element);
  head.append(shown.results.count, round("refresh", icon(ICONS.refresh), repaint));
  await shown.follow();
}

// There is one page; what the window tells goes to the view that is on it now.
addEventListener("popstate", () => shown?.element.isConnected && shown.follow());
addEventListener("keydown", (event) => shown?.element.isConnected && shown.key(event));

class Records {
  constructor({ path, choices, project, me }) {
    Object.assign(this, { path, project, me });
    this.values = {};
    this.asked = 0;
    this.typing = null;
    this.filters = new Filters(choices, (values, how) => this.filter(values, how));
    this.results = new Results({
      onOpen: (id) => this.open(id),
      onPage: (page) => this.go({ page: page > 1 ? String(page) : "" }),
      onSize: (size) => this.go({ size: String(size), page: "" }),
      onClear: () => this.filters.clear(),
    });
    this.drawer = new Drawer({ path, onClose: () => this.close(), onStep: (step) => this.step(step), onOpen: (id) => this.open(id) });
    this.element = h("div.wb-records", {}, h("div.wb-records-list", {}, this.filters.element, this.results.element), this.drawer.element);
  }

  // Show what the address says.
  async follow() {
    this.typing = null;
    this.values = readAddress();
    this.filters.show(this.values);
    const list = this.load();
    this.showRecord();
    await list;
  }

  filter(values, { typing }) {
    const { record, ...conditions } = values;
    this.values = { ...conditions, size: this.values.size, page: "", record: this.values.record };
    // The first letter leaves an entry for the back button, the others go into the same one.
    writeAddress(this.values, { replace: typing !== null && typing === this.typing });
    this.typing = typing;
    this.load();
  }

  go(change) {
    this.values = { ...this.values, ...change };
    writeAddress(this.values);
    this.load();
    this.element.closest(".wb-page").scrollTo({ top: 0 });
  }

  async load() {
    const asked = (this.asked += 1);
    const { element } = this.results;
    element.setAttribute("aria-busy", "true");
    try {
      const found = await ask(`${this.path}?${queryOf(this.values)}`);
      if (asked === this.asked) this.show(found);
    } catch (error) {
      if (asked === this.asked) this.results.body.replaceChildren(errorLine(error));
    } finally {
      if (asked === this.asked) element.removeAttribute("aria-busy");
    }
  }

  show(found) {
    this.results.show(found, this.values.text);
    if (this.values.record) this.results.choose(Number(this.values.record), { focus: false });
    const nothingAtAll = !found.total && Object.values(this.values).every((value) => !value);
    if (nothingAtAll) this.element.replaceChildren(emptyState("records_none", { project: this.project }, { href: covers(this.me.role, "admin") ? linkTo("data", this.project) : null, mark: "data" }));
  }

  // — one record —

  open(id, { replace = Boolean(this.values.record) } = {}) {
    this.values = { ...this.values, record: String(id) };
    writeAddress(this.values, { replace });
    this.showRecord();
  }

  showRecord() {
    const { record } = this.values;
    this.element.classList.toggle("has-record", Boolean(record));
    if (!record) return this.drawer.hide();
    this.results.choose(Number(record), { focus: false });
    return this.drawer.show(Number(record));
  }

  close() {
    const { record } = this.values;
    if (!record) return;
    this.values = { ...this.values, record: undefined };
    writeAddress(this.values);
    this.showRecord();
    this.results.choose(Number(record));
  }

  step(step) {
    const id = this.results.move(step);
    if (id !== null && this.values.record) this.open(id);
  }

  // — keys, by their place: a Russian layout works the same —

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.code === "Escape") this.leave(typing, event);
    else if (!typing) this.command(event);
  }

  leave(typing, event) {
    if (typing) typing.blur();
    else if (this.values.record) this.close();
    else return;
    event.preventDefault();
  }

  command(event) {
    const commands = { KeyJ: () => this.step(1), ArrowDown: () => this.step(1), KeyK: () => this.step(-1), ArrowUp: () => this.step(-1), Slash: () => this.filters.fields.get("text").focus() };
    const command = commands[event.code];
    // In the open record the arrows scroll.
    if (!command || (event.code.startsWith("Arrow") && event.target.closest?.(".wb-drawer"))) return;
    event.preventDefault();
    command();
  }
}
