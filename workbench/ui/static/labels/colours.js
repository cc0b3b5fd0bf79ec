// A label's colour: ours, one of a dozen that stand out in both themes, or any other, which a theme may have to change.
import { button, h, name, say } from "../shell/dom.js";
import { t } from "../shell/language.js";

const PALETTE = ["#c25d58", "#ba6826", "#a37800", "#6f8d2a", "#179765", "#00988a", "#0092b0", "#3a84ca", "#6a78cd", "#8d6cc2", "#ab61a5", "#bd5b7d"];
const SURFACES = [["light", "#ffffff"], ["dark", "#1d2226"]];
const ENOUGH = 3;

export function colourChoice(entry, onChange) {
  const warning = h("p.wb-hint-text.wb-colour-warning", { role: "status" });
  const group = name(h("div.wb-colours", { role: "group" }), "aria-label", "labels_color");
  const own = name(h("input.wb-colour-own", { type: "color", value: asHex(entry.color) ?? "#179765" }), "aria-label", "labels_color_other");
  const choose = (color) => {
    entry.color = color;
    paint();
    onChange();
  };
  const paint = () => {
    for (const one of group.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.value === entry.color.toLowerCase()));
    own.classList.toggle("is-chosen", entry.color !== "" && !PALETTE.includes(entry.color.toLowerCase()));
    const hard = SURFACES.filter(([, surface]) => entry.color && contrast(entry.color, surface) < ENOUGH).map(([theme]) => theme);
    warning.hidden = !hard.length;
    if (hard.length) say(warning, `labels_color_hard_${hard[0]}`);
  };
  const auto = name(button("button.wb-colour.is-auto", { value: "", onclick: () => choose("") }), "aria-label", "labels_color_auto");
  name(auto, "title", "labels_color_auto");
  const swatches = PALETTE.map((color, place) => {
    const one = button("button.wb-colour", { value: color, "aria-label": `${t("labels_color")} ${place + 1}`, onclick: () => choose(color) });
    one.style.setProperty("--c", color);
    return one;
  });
  own.addEventListener("input", () => choose(own.value));
  group.append(auto, ...swatches, own);
  paint();
  return h("div.wb-field", {}, say(h("span.wb-field-name"), "labels_color"), group, warning);
}

// A plain colour as #rrggbb, null for what is none.
function asHex(color) {
  if (!color || !CSS.supports("color", color)) return null;
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = color;
  return /^#[0-9a-f]{6}$/.test(canvas.fillStyle) ? canvas.fillStyle : null;
}

const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// The ratio of WCAG 2; a colour that cannot be read counts as visible, for ours stands in its place.
function contrast(color, surface) {
  const hex = asHex(color);
  if (hex === null) return 21;
  const [high, low] = [luminance(hex), luminance(surface)].sort((one, other) => other - one);
  return (high + 0.05) / (low + 0.05);
}
