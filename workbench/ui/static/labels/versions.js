// Earlier versions of the labels and of the guidelines: who saved them and when, what they changed, and the way back.
import { ask } from "../shell/api.js";
import { closeButton, dialogFoot, openDialog } from "../shell/dialog.js";
import { button, h, say } from "../shell/dom.js";
import { act, plain } from "../shell/form.js";
import { when } from "../shell/language.js";
import { changeList } from "./changes.js";

const at = (project, rest) => `api/labels/${encodeURIComponent(project)}${rest}`;

// `onBack(labels)` gets the label set of the version that is to come back.
export async function openLabelVersions({ project, may, onBack }) {
  const { versions } = await ask(at(project, "/versions"));
  openVersions("labels_versions_title", versions, {
    counts: ({ changes }) => ["removed", "added", "changed"].map((kind) => (changes[kind] ? say(h("span.wb-chip"), `labels_count_${kind}`, { n: changes[kind] }) : null)),
    differences: async ({ version }) => changeList((await ask(at(project, `/changes?old=${version - 1}&new=${version}`))).changes),
    back: may ? async ({ version }) => onBack((await ask(at(project, `?version=${version}`))).labels) : null,
  });
}

// `onBack(text)` gets the guidelines of the version that is to come back.
export async function openGuidelineVersions({ project, may, onBack }) {
  const { versions } = await ask(at(project, "/guidelines/versions"));
  openVersions("labels_guideline_versions_title", versions, {
    counts: () => [],
    differences: async ({ version }) => lines((await ask(at(project, `/guidelines/changes?old=${version - 1}&new=${version}`))).lines),
    back: may ? async ({ version }) => onBack((await ask(at(project, `/guidelines?version=${version}`))).text) : null,
  });
}

function openVersions(title, versions, parts) {
  const dialog = openDialog(title, (close) => [
    versions.length ? h("ol.wb-versions", {}, ...versions.map((one, place) => versionRow(one, place === 0, parts, close))) : say(h("p.wb-quiet"), "labels_versions_none"),
    dialogFoot(closeButton(close)),
  ]);
  dialog.classList.add("is-wide");
}

function versionRow(one, newest, { counts, differences, back }, close) {
  const shown = h("div.wb-version-body", { hidden: true });
  const open = say(button("button.wb-button", { "aria-expanded": "false" }), "labels_show_changes");
  open.addEventListener("click", () => act(open, async () => {
    if (!shown.childElementCount) shown.append(await differences(one));
    shown.hidden = !shown.hidden;
    open.setAttribute("aria-expanded", String(!shown.hidden));
  }));
  const restore = back && !newest ? plain("labels_put_back", () => act(restore, async () => { await back(one); close(); })) : null;
  const who = one.person ? h("span", { "data-given": true }, one.person) : say(h("span.wb-quiet"), "labels_nobody_noted");
  return h("li", {}, h("div.wb-version", {}, say(h("strong"), "version", { version: one.version }), newest ? say(h("span.wb-chip.is-done"), "labels_in_force") : null,
    who, h("time.wb-quiet", { datetime: one.at }, when(one.at)), ...counts(one), h("span.wb-grow"), open, restore), shown);
}

function lines(found) {
  if (!found.length) return say(h("p.wb-quiet"), "labels_changes_none");
  return h("pre.wb-diff", {}, ...found.map(({ kind, text }) => h(kind === "added" ? "ins" : kind === "removed" ? "del" : "span", { class: `is-${kind}` }, kind === "gap" ? "…" : text || " ")));
}
