// Labels: categories and their tags, the guidelines, and every version of both.
import { address, ask } from "../shell/api.js";
import { button, h, say } from "../shell/dom.js";
import { act, plain } from "../shell/form.js";
import { toast } from "../shell/notice.js";
import { openPage } from "../shell/page.js";
import { covers } from "../shell/places.js";
import { draftFrom, draftOf } from "../labels/draft.js";
import { LabelsEditor } from "../labels/editor.js";
import { chooseLabels } from "../labels/files.js";
import { guidelinesPanel } from "../labels/guidelines.js";
import { keywordsPanel } from "../labels/keywords.js";
import { openGuidelineVersions, openLabelVersions } from "../labels/versions.js";

// What is being edited outlives a change of language.
const drafts = new Map();
const written = new Map();

export function start(element) {
  addEventListener("beforeunload", (event) => { if (drafts.size || written.size) event.preventDefault(); });
  return openPage(element, { page: "labels", paint });
}

async function paint({ main, head, project, me, repaint }) {
  const at = `api/labels/${encodeURIComponent(project)}`;
  const [found, guidelines] = await Promise.all([ask(at), ask(`${at}/guidelines`)]);
  const mayLabels = covers(me.role, "admin");
  const mayWrite = covers(me.role, "reviewer");
  const draft = drafts.get(project) ?? draftOf(found);
  const finished = (text) => {
    drafts.delete(project);
    if (text) toast(text);
    return repaint();
  };
  const use = (labels) => {
    drafts.set(project, draftFrom(labels, found));
    return repaint();
  };
  const editor = new LabelsEditor({ project, draft, may: mayLabels, onSaved: finished, onReset: () => finished(null) });
  keepWhileChanged(editor, draft, project);
  head.append(...buttons({ at, project, version: found.version, may: mayLabels, use }));
  const card = guidelinesPanel({ project, shown: guidelines, may: mayWrite, drafts: written, onSaved: repaint });
  const back = (text) => {
    written.set(project, text);
    return repaint();
  };
  const guidelineVersions = versionButton(guidelines.version, () => act(guidelineVersions, () => openGuidelineVersions({ project, may: mayWrite, onBack: back })));
  if (guidelines.version) card.head.lastChild.prepend(guidelineVersions);
  main.append(h("div.wb-labels-page", {}, editor.element, card));
  // Asked for by itself: the texts of a large project take seconds to look through.
  if (mayWrite && found.kind !== "tags") main.append(keywordsPanel({ project, version: found.version, editor, may: mayLabels }));
}

const versionButton = (version, onclick) => say(button("button.wb-button", { onclick }), "labels_version", { version });

function keepWhileChanged(editor, draft, project) {
  const touch = editor.touch.bind(editor);
  editor.touch = () => {
    drafts.set(project, draft);
    touch();
  };
}

function buttons({ at, project, version, may, use }) {
  const bring = plain("labels_from_file", () => act(bring, async () => {
    const labels = await chooseLabels();
    if (labels !== undefined) await use(labels);
  }));
  const versions = versionButton(version, () => act(versions, () => openLabelVersions({ project, may, onBack: use })));
  const keep = say(h("a.wb-button", { href: address(`${at}/labels.yaml`).href, download: "" }), "labels_to_file");
  return [version ? versions : null, version ? keep : null, may ? bring : null].filter(Boolean);
}
