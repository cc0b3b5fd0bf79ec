// What the project's records are like: figures, bars and short tables.
import { h, say } from "../shell/dom.js";
import { number, percent, t } from "../shell/language.js";
import { panel } from "../shell/panel.js";
import { linkTo } from "../shell/places.js";
import { table } from "../shell/table.js";

const SCRIPTS = ["cyrillic", "latin", "mixed", "other", "none"];
const SHOWN_LABELS = 30;

export function profilePanels(found, project) {
  if (!found.records) return [panel("data_profile", say(h("p.wb-quiet"), "data_profile_empty"))];
  return [figures(found), lengths(found), scripts(found), repeats(found), gaps(found, project), attributes(found)].filter(Boolean);
}

function figures({ records, read, texts, near_empty: empty, lengths: spread }) {
  const shown = [["records", records], ["texts", texts], ["median", spread.median], ["p95", spread.p95], ["longest", spread.longest], ["near_empty", empty]];
  const bigs = shown.map(([key, value]) => h("div.wb-big", {}, h("b", {}, number(value)), say(h("span"), `data_figure_${key}`)));
  return panel("data_profile", read < records ? say(h("p.wb-warning"), "data_sampled", { read, records }) : "", h("div.wb-bigs", {}, ...bigs));
}

function lengths({ lengths: { width, counts, median, p95 } }) {
  const most = Math.max(...counts);
  const bars = counts.map((count, place) => {
    const bar = h("i", { title: `${range(place, width, counts.length)}: ${number(count)}` });
    bar.style.height = `${count ? Math.max(2, (100 * count) / most) : 0}%`;
    return bar;
  });
  const chart = h("div.wb-days.wb-lengths", { role: "img", "aria-label": t("data_lengths_words", { median, p95 }) }, ...bars);
  const ends = h("div.wb-ends", {}, h("span", {}, "0"), h("span", {}, range(counts.length - 1, width, counts.length)));
  return panel("data_lengths", chart, ends, say(h("p.wb-quiet"), "data_lengths_words", { median, p95 }));
}

const range = (place, width, bins) => (place === bins - 1 ? `${number(place * width)} +` : `${number(place * width)}–${number((place + 1) * width - 1)}`);

function scripts({ scripts: found, read }) {
  const rows = SCRIPTS.filter((script) => found[script]).map((script) => bar(say(h("span.wb-bar-name"), `data_script_${script}`), found[script], read));
  return panel("data_scripts", h("div.wb-dist", {}, ...rows), say(h("p.wb-hint-text"), "data_scripts_hint"));
}

function bar(label, count, total) {
  const fill = h("span.wb-bar-fill");
  fill.style.width = `${Math.max(0.5, (100 * count) / total)}%`;
  fill.style.setProperty("--c", "var(--accent)");
  return h("div.wb-bar", {}, label, h("span.wb-bar-track", {}, fill), h("span.wb-bar-share", {}, percentOf(count, total)));
}

const percentOf = (count, total) => (count && count < 0.005 * total ? "<1%" : percent(count / total));

const given = (text) => h("span.wb-clip", { "data-given": true, dir: "auto" }, text);

function repeats({ read, texts, repeated_texts: several, most_repeated: most }) {
  const columns = [{ key: "text", title: "data_column_text", cell: ({ text }) => given(text) }, { key: "times", title: "data_times", numeric: true, cell: ({ times }) => number(times) }];
  const words = several ? say(h("p"), "data_repeats_words", { n: several, spare: read - texts, share: percentOf(read - texts, read) }) : say(h("p.wb-quiet"), "data_repeats_none");
  return panel("data_repeats", words, several ? table({ caption: "data_repeats", columns, rows: most }) : "");
}

function gaps({ records, gaps: found, near_empty: empty, near_empty_ids: ids }, project) {
  const lines = [
    found.without_group === records ? say(h("li"), "data_gap_no_groups") : found.without_group ? say(h("li"), "data_gap_group", { n: found.without_group, groups: found.groups }) : say(h("li"), "data_gap_groups", { n: found.groups }),
    found.without_category && found.without_category < records ? say(h("li"), "data_gap_category", { n: found.without_category }) : null,
    empty ? h("li", {}, say(h("span"), "data_gap_empty", { n: empty }), " ", given(ids.join(", "))) : null,
    found.answered ? null : say(h("li"), "data_gap_unanswered"),
    found.labels.length ? named("data_gap_labels", found.labels) : null,
    found.tags.length ? named("data_gap_tags", found.tags) : null,
  ].filter(Boolean);
  return panel("data_gaps", h("ul.wb-will", {}, ...lines), say(h("a", { href: linkTo("labels", project) }), "data_to_labels"));
}

const named = (key, names) => h("li", {}, say(h("span"), key, { n: names.length }), " ", given(names.slice(0, SHOWN_LABELS).join(", ") + (names.length > SHOWN_LABELS ? ", …" : "")));

function attributes({ attributes: found, read }) {
  const columns = [
    { key: "name", title: "data_attribute", cell: ({ name }) => given(name) },
    { key: "filled", title: "data_filled", numeric: true, cell: ({ filled }) => percentOf(filled, read) },
    { key: "values", title: "data_values", numeric: true, cell: ({ values }) => (values === null ? t("data_many") : number(values)) },
    { key: "common", title: "data_common", cell: ({ common }) => given(common.map(([value, count]) => `${value} (${number(count)})`).join(", ")) },
  ];
  return panel("data_attributes", table({ caption: "data_attributes", columns, rows: found, empty: "data_attributes_none" }));
}
