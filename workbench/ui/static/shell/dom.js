// Building elements. Text always goes in as text nodes: nothing a review or a label says is ever read as markup.
import { t } from "./language.js";
import { inWords } from "./phrases.js";

const SVG = "http://www.w3.org/2000/svg";

// h("button.big", { onclick, "aria-label": … }, child, "text") – a class after each dot; null children are left out.
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// An element whose text follows the language: say(h("p"), "key", { n: 3 }).
export function say(element, key, values = {}) {
  element.dataset.t = key;
  element.dataset.tValues = JSON.stringify(values);
  element.textContent = t(key, values);
  return element;
}

// The same for attributes: name(button, "title", "key").
export function name(element, attribute, key, values = {}) {
  const names = JSON.parse(element.dataset.tNames ?? "{}");
  element.dataset.tNames = JSON.stringify({ ...names, [attribute]: [key, values] });
  element.setAttribute(attribute, t(key, values));
  return element;
}

// The same for what the server said: quote(h("p"), error.message).
export function quote(element, line) {
  element.dataset.line = line;
  element.textContent = inWords(line);
  return element;
}

export function retranslate(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t, JSON.parse(element.dataset.tValues));
  }
  for (const element of root.querySelectorAll("[data-line]")) element.textContent = inWords(element.dataset.line);
  for (const element of root.querySelectorAll("[data-t-names]")) {
    for (const [attribute, [key, values]] of Object.entries(JSON.parse(element.dataset.tNames))) {
      element.setAttribute(attribute, t(key, values));
    }
  }
}

// Clicking must not leave the focus on a button, or Space would press it again instead of skipping.
export function button(tag, attributes, ...children) {
  const element = h(tag, { type: "button", ...attributes }, ...children);
  element.addEventListener("click", (event) => { if (event.detail > 0) element.blur(); });
  return element;
}

export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("wb-icon");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const ICONS = {
  sun: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 1v3M12 20v3M4.200 4.200l2.100 2.100M17.700 17.700l2.100 2.100M1 12h3M20 12h3M4.200 19.800l2.100-2.100M17.700 6.300l2.100-2.100",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500Z",
  check: "m4 12.500 5.500 5.500L20 7",
  skip: "M5 5l9 7-9 7V5ZM19 5v14",
  flag: "M5 21V4h12l-2.500 4.500L17 13H5",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  refresh: "M20 11a8 8 0 1 0-2.300 6.300M20 4v7h-7",
  eyeOff: "M3 3l18 18M10.600 6.200A9.800 9.800 0 0 1 12 6c6 0 10 6 10 6a17 17 0 0 1-3.200 3.700M6.500 7.600A16 16 0 0 0 2 12s4 6 10 6a9.600 9.600 0 0 0 4.300-1M9.900 9.900a3 3 0 0 0 4.200 4.200",
  menu: "M4 6h16M4 12h16M4 18h16",
  lock: "M6 11h12v9H6v-9ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  close: "M6 6l12 12M18 6 6 18",
  up: "m6 15 6-6 6 6",
  down: "m6 9 6 6 6-6",
  plus: "M12 5v14M5 12h14",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  upload: "M12 16V5M7 9l5-5 5 5M5 20h14",
  external: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  warning: "M12 4 2.500 20h19L12 4ZM12 10v4.500M12 17.500v.2",
  curate: "M4 6.500 6 8.500l3.500-4M4 14.500l2 2 3.500-4M13 7h7M13 15h7",
  overview: "M5 20V11M12 20V4M19 20v-6",
  records: "M4 6h16M4 12h16M4 18h10",
  labels: "M12.500 4H4v8.500l8 8 8.500-8.500-8-8ZM8 8v.2",
  proposals: "M12 3.500l2.200 5.300 5.300 2.200-5.300 2.200L12 18.500l-2.200-5.300L4.500 11l5.300-2.200L12 3.500ZM19 17v4M17 19h4",
  models: "M12 3 4 7.500v9L12 21l8-4.500v-9L12 3ZM4 7.500l8 4.500 8-4.500M12 12v9",
  jobs: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 8v4.500l3 2",
  data: "M12 4c-4.500 0-7 1.300-7 3v10c0 1.700 2.500 3 7 3s7-1.300 7-3V7c0-1.700-2.500-3-7-3ZM5 7c0 1.700 2.500 3 7 3s7-1.300 7-3M5 12c0 1.700 2.500 3 7 3s7-1.300 7-3",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  users: "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7ZM2.500 20c.5-3.500 3-5 6.500-5s6 1.500 6.500 5M16 5.300a3.300 3.300 0 0 1 0 6.400M18.500 15.500c1.800.7 2.800 2.200 3 4.500",
  audit: "M4.500 12a7.500 7.500 0 1 0 2.500-5.600M4 4.500v3.500h3.500M12 8v4.500l3 1.500",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13ZM15.500 15.500 21 21",
};

// Only plain colours: a label set's text must not become anything else a style could hold. Ours are of one lightness,
// which stands at 3:1 or more on every surface of both themes, whatever the hue.
export function colourOf(given, index) {
  if (/^(#[0-9a-f]{3,8}|[a-z]{3,24})$/i.test(given ?? "") && CSS.supports("color", given)) return given;
  return `oklch(60% 0.13 ${Math.round((index * 137.508 + 162) % 360)})`;
}
