// Everything that happened to a record, in the order it happened.
import { h, icon, ICONS, say } from "../shell/dom.js";
import { number, percent, t, when } from "../shell/language.js";
import { answerChips, given, share, stageKey } from "./words.js";

const TAG = "tag:";
const BARS = 8;

export function timeline(told) {
  const events = [
    ...(told.imported ? [{ at: told.imported.completed_at, rank: 0, build: () => importEvent(told.imported) }] : []),
    ...told.proposals.map((proposal) => ({ at: proposal.created_at, rank: 1, build: () => proposalEvent(proposal) })),
    ...told.annotations.map((annotation) => ({ at: annotation.annotated_at, rank: 2, build: () => annotationEvent(annotation, told) })),
    ...told.learnt.map((learnt) => ({ at: learnt.created_at, rank: 3, build: () => learntEvent(learnt) })),
  ];
  if (!events.length) return say(h("p.wb-quiet"), "records_no_history");
  // Where two have the same time, as with an import's labels, the order above is the one they came in.
  const ordered = events.map((event, place) => [new Date(event.at).getTime(), event.rank, place, event]).sort(([a, b, c], [x, y, z]) => a - x || b - y || c - z);
  return h("ol.wb-timeline", {}, ...ordered.map(([, , , event]) => event.build()));
}

function event(kind, picture, at, title, ...rest) {
  return h(`li.is-${kind}`, {}, h("span.wb-timeline-mark", { "aria-hidden": "true" }, icon(ICONS[picture])),
    h("div.wb-timeline-body", {}, h("div.wb-timeline-head", {}, h("span", {}, ...title), at ? h("time.wb-quiet", { datetime: at }, when(at)) : null), ...rest.filter(Boolean)));
}

const importEvent = ({ file, completed_at: at }) => event("import", "data", at, [say(h("strong"), "records_imported"), " ", given(lastPart(file))]);

const lastPart = (path) => path.split(/[\\/]/).pop();

function learntEvent({ fingerprint, created_at: at, splits, versions }) {
  const part = splits.map((split) => t(`records_split_${split}`)).join(", ");
  const words = versions.length ? say(h("p"), "records_learnt_by", { n: versions.length, versions: versions.join(", ") }) : null;
  return event("learnt", "models", at, [say(h("strong"), "records_frozen"), " ", h("code", { title: fingerprint }, fingerprint.slice(0, 8)), ` · ${part}`], words);
}

function proposalEvent(proposal) {
  const old = proposal.newest ? null : say(h("span.wb-quiet"), "records_superseded");
  const title = [say(h("strong"), stageKey(proposal.stage)), " ", proposal.source === proposal.stage ? null : given(proposal.source), proposal.version ? h("span.wb-quiet", {}, " ", given(proposal.version)) : null, " ", old].filter(Boolean);
  const answer = h("div.wb-row", {}, answerChips(proposal.answer) ?? say(h("span.wb-quiet"), "records_nothing_said"), proposal.score === null ? null : share(proposal.score));
  if (!proposal.on_list) answer.append(say(h("span.wb-chip.is-warn"), "records_off_list"));
  if (proposal.shown) answer.append(say(h("span.wb-chip.wb-chip-stage"), "records_shown"));
  const why = proposal.rationale ? h("q", { "data-given": true, dir: "auto" }, proposal.rationale) : null;
  return event(proposal.newest ? "proposal" : "proposal.is-past", "proposals", proposal.created_at, title, answer, why, broughtBy(proposal.imported), probabilities(proposal), cost(proposal));
}

const broughtBy = (imported) => imported && h("p.wb-quiet", {}, say(h("span"), "records_from_file"), " ", given(lastPart(imported.file)));

function probabilities({ probabilities: found }) {
  const entries = Object.entries(found).sort(([, one], [, other]) => other - one);
  if (entries.length < 2) return null;
  const hidden = entries.length - BARS;
  return h("details", {}, say(h("summary"), "records_probabilities", { n: entries.length }),
    h("div.wb-bars", {}, ...entries.slice(0, BARS).map(bar)), hidden > 0 ? say(h("p.wb-quiet"), "records_more_options", { n: hidden }) : null);
}

function bar([option, probability]) {
  const fill = h("span.wb-bar-fill");
  fill.style.width = percent(probability);
  fill.style.setProperty("--c", "var(--accent)");
  const text = option.startsWith(TAG) ? option.slice(TAG.length) : option;
  return h("div.wb-bar", {}, h("span.wb-bar-name", { "data-given": true, dir: "auto", title: text }, text), h("span.wb-bar-track", {}, fill), h("span.wb-bar-share", {}, percent(probability)));
}

function cost({ cost: dollars, trace_id: trace }) {
  const price = dollars ? `$${number(dollars, { maximumSignificantDigits: 2 })}` : "";
  const words = [price, trace ? `${t("records_trace")} ${trace}` : ""].filter(Boolean).join(" · ");
  return words ? h("p.wb-quiet", { "data-given": true }, words) : null;
}

// — what people did —

const MARKS = { skipped: "skip", flagged: "flag", undone: "undo" };

function annotationEvent(annotation, told) {
  const { status, person, annotated_at: at, stands } = annotation;
  const title = [h("strong", { "data-given": true, dir: "auto" }, person), " ", say(h("span"), `records_did_${status}`)];
  const taken = stands || status === "undone" ? null : say(h("p.wb-quiet"), "records_taken_back");
  const undone = status === "undone" ? undoneWords(annotation, told) : null;
  const comment = annotation.comment ? h("q", { "data-given": true, dir: "auto" }, annotation.comment) : null;
  const kind = stands || status === "undone" ? "annotation" : "annotation.is-past";
  return event(`${kind}.is-${status}`, MARKS[status] ?? "check", at, title, answerChips(annotation.answer), comment, undone, taken, broughtBy(annotation.imported), small(annotation, told));
}

function undoneWords({ undoes }, { annotations }) {
  const earlier = annotations.find(({ client_id: id }) => id === undoes);
  return earlier ? h("p.wb-quiet", {}, say(h("span"), "records_undid", { when: when(earlier.annotated_at) })) : null;
}

// The circumstances, in one quiet line.
function small(annotation, told) {
  const facts = [];
  if (annotation.blind) facts.push(t("records_answered_blind"));
  const seen = told.proposals.filter(({ id }) => annotation.shown.includes(id));
  if (seen.length) facts.push(`${t("records_saw")} ${seen.map(({ source }) => source).join(", ")}`);
  if (annotation.duration_ms !== null) facts.push(t("records_took", { seconds: number(annotation.duration_ms / 1000, { maximumFractionDigits: 1 }) }));
  if (annotation.predicted_by) facts.push(t("records_on_prediction", { version: annotation.predicted_by }));
  else if (annotation.prediction_id) facts.push(t("records_on_a_prediction"));
  if (annotation.label_set_version) facts.push(t("records_label_set", { version: annotation.label_set_version }));
  if (annotation.guideline_version) facts.push(t("records_guidelines", { version: annotation.guideline_version }));
  return facts.length ? h("p.wb-quiet.wb-small", { "data-given": true }, facts.join(" · ")) : null;
}
