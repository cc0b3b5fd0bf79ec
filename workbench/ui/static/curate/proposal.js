// What a machine proposed, how sure it was, who it is and why. Of one height for every record, so that nothing jumps.
import { colourOf, h, icon, ICONS } from "../shell/dom.js";
import { percent, t } from "../shell/language.js";

const BARS = 3;

export class ProposalCard {
  constructor() {
    this.element = h("section.wb-card.wb-proposal");
  }

  paint(item, desk) {
    this.element.classList.toggle("is-blind", Boolean(item?.blind));
    this.element.replaceChildren(...(item ? content(item, desk) : []));
  }
}

function content(item, desk) {
  if (item.blind) {
    return [
      h("div.wb-proposal-head", {}, h("strong.wb-blind", {}, icon(ICONS.eyeOff), t("blind_title"))),
      h("p.wb-quiet", {}, t("blind_why")),
    ];
  }
  const { suggestion } = item;
  if (!suggestion) return [h("div.wb-proposal-head", {}, h("strong", {}, t("no_proposal"))), h("p.wb-quiet", {}, t("no_proposal_why"))];
  return [
    head(suggestion),
    h("div.wb-proposal-body", {}, ...value(suggestion, desk), bars(suggestion, desk)),
    suggestion.rationale ? h("p.wb-rationale", { tabindex: "0" }, suggestion.rationale) : null,
  ].filter(Boolean);
}

function head(suggestion) {
  return h(
    "div.wb-proposal-head", {},
    h("span.wb-over", {}, t("proposed")),
    h("span.wb-chip.wb-chip-stage", {}, t(`stage_${suggestion.stage.replaceAll("-", "_")}`)),
    suggestion.source === suggestion.stage ? null : h("span.wb-chip", { title: suggestion.source }, suggestion.source),
  );
}

// The category with its share; the tags of a project that asks for them.
function value({ category, tags, score, probabilities }, desk) {
  const parts = [];
  if (category) {
    const dot = h("span.wb-dot");
    dot.style.setProperty("--c", colour(category, desk));
    const share = score === null ? null : h("span.wb-share", {}, percent(score));
    parts.push(h("div.wb-proposal-value", {}, dot, h("span.wb-proposal-name", { title: category }, category), share));
    if (score !== null) parts.push(h("div.wb-bar-track.is-main", {}, fill(category, score, desk)));
  }
  if (tags) {
    const names = tags.map((tag) => h("span.wb-tag", {}, tag, tag in probabilities ? h("b", {}, percent(probabilities[tag])) : null));
    parts.push(h("div.wb-proposal-tags", {}, ...(names.length ? names : [h("span.wb-quiet", {}, t("no_tags_proposed"))])));
  }
  return parts;
}

// The options that were not chosen, likeliest first.
function bars({ category, tags, probabilities }, desk) {
  const others = Object.entries(probabilities).filter(([option]) => option !== category && !tags?.includes(option));
  const top = others.sort((one, other) => other[1] - one[1]).slice(0, tags ? 2 : BARS);
  return h("div.wb-bars", {}, ...top.map(([option, share]) => bar(option, share, desk)));
}

function bar(option, share, desk) {
  return h("div.wb-bar", {}, h("span.wb-bar-name", { title: option }, option), h("span.wb-bar-track", {}, fill(option, share, desk)), h("span.wb-bar-share", {}, percent(share)));
}

function fill(option, share, desk) {
  const full = h("span.wb-bar-fill");
  full.style.width = percent(Math.min(1, Math.max(0, share)));
  full.style.setProperty("--c", colour(option, desk));
  return full;
}

function colour(option, desk) {
  const place = desk.categories.findIndex(({ name }) => name === option);
  return place < 0 ? "var(--accent)" : colourOf(desk.categories[place].color, place);
}
