// Keywords that people's answers speak for, and listed ones that do harm: looked at here, taken into the draft of the
// labels, which is saved as every edit of them is.
import { ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { plain } from "../shell/form.js";
import { percent, t } from "../shell/language.js";
import { errorLine, toast } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { progressBar } from "../shell/progress.js";
import { wordsOf } from "./draft.js";
import { keywordTable } from "./keywordtable.js";

// Looking through the texts takes a while: what was found stays while the page is painted again.
const asked = new Map();

// `editor` holds the draft; `may` is whether the person may change labels. `version` is that of the labels shown.
export function keywordsPanel({ project, version, editor, may }) {
  const at = `api/labels/${encodeURIComponent(project)}/keywords`;
  const body = h("div.wb-keywords");
  const again = plain("labels_kw_again", () => load(true));
  const card = panel("labels_kw_title", say(h("p.wb-quiet"), "labels_kw_about"), body);
  card.head.append(again);
  const desk = { may, listed: (row) => listed(editor, row), take: (row) => take(editor, row), tell: (row, what) => tell(at, row, what) };
  async function load(anew) {
    again.disabled = true;
    body.replaceChildren(progressBar({ what: t("labels_kw_looking") }));
    try {
      body.replaceChildren(...shown(await found({ project, version, at, anew }), editor, desk));
    } catch (error) {
      asked.delete(project);
      body.replaceChildren(errorLine(error));
    }
    again.disabled = false;
  }
  load(false);
  return card;
}

function found({ project, version, at, anew }) {
  const known = asked.get(project);
  if (!anew && known?.version === version) return known.answer;
  const answer = ask(at, { patient: true });
  asked.set(project, { version, answer });
  return answer;
}

function shown(report, editor, desk) {
  const order = editor.draft.entries;
  return [
    report.new.length ? keywordTable({ rows: report.new, caption: "labels_kw_new", order, desk }) : none(report),
    ...(report.harmful.length ? [say(h("h3"), "labels_kw_harmful"), keywordTable({ rows: report.harmful, caption: "labels_kw_harmful", order, desk })] : []),
    h("div.wb-keywords-notes.wb-quiet", {}, ...notes(report)),
  ];
}

const none = ({ answered, minimums }) => say(h("p"), answered ? "labels_kw_none" : "labels_kw_no_answers", { n: minimums.right });

function notes({ answered, all_answered, open_records, looked_at, minimums, new: rows }) {
  const [precision, lower] = [minimums.precision, minimums.lower].map(percent);
  return [
    rows.length ? say(h("p"), "labels_kw_judged", { answered, n: minimums.right, precision, lower }) : null,
    answered < all_answered ? say(h("p"), "labels_kw_part", { answered, all: all_answered }) : null,
    looked_at < open_records ? say(h("p"), "labels_kw_estimated", { looked: looked_at, all: open_records }) : null,
  ].filter(Boolean);
}

const entryOf = ({ draft }, { category }) => draft.entries.find((entry) => entry.listed && !entry.removed && (entry.was ?? entry.name) === category);

const same = (one, other) => one.toLowerCase().replaceAll("ё", "е") === other.toLowerCase().replaceAll("ё", "е");

// Whether the draft lists the word now.
const listed = (editor, row) => wordsOf(entryOf(editor, row)?.keywords ?? "").some((word) => same(word, row.word));

// Put the word into the draft, or take it out.
function take(editor, row) {
  const entry = entryOf(editor, row);
  if (!entry) return toast("labels_kw_no_category", { category: row.category });
  const there = listed(editor, row);
  const others = wordsOf(entry.keywords).filter((word) => !same(word, row.word));
  editor.change(() => { entry.keywords = (there ? others : [...others, row.word]).join(", "); });
  return toast(there ? "labels_kw_taken_out" : "labels_kw_taken", { word: row.word, category: entry.name });
}

// `what` is "dismissed" or "recalled".
const tell = (at, { advice, category, word }, what) => ask(`${at}/${what}`, { body: { advice, category, word } });
