// The bar on top of every page: where one is, which project, language, theme, and who is labelling.
import { button, h, icon, ICONS, name, retranslate, say } from "./dom.js";
import { language, LANGUAGES, useLanguage } from "./language.js";
import { read, write } from "./storage.js";
import { followTheme } from "./theme.js";

export function makeHeader({ page, projects, project, onLanguage, extra = [] }) {
  const header = h(
    "header.wb-header", {},
    h("a.wb-brand", { href: pageLink("", project) }, h("img", { src: "ui/icon.svg", alt: "", width: 26, height: 26 }), say(h("span"), "brand")),
    name(h("nav.wb-nav", {}, link("curate", "", page, project), link("overview", "overview", page, project)), "aria-label", "pages"),
    projects.length ? projectChoice(projects, project, page) : null,
    h("div.wb-grow"),
    ...extra,
    languageSwitch(onLanguage),
    themeSwitch(),
  );
  return header;
}

const pageLink = (path, project) => `./${path}${project ? `?project=${encodeURIComponent(project)}` : ""}`;

function link(label, path, page, project) {
  return say(h("a", { href: pageLink(path, project), "aria-current": page === label ? "page" : null }), `nav_${label}`);
}

function projectChoice(projects, project, page) {
  const select = name(h("select.wb-select"), "aria-label", "project");
  for (const { name: title } of projects) select.append(h("option", { value: title, selected: title === project }, title));
  select.addEventListener("change", () => {
    write("wb:project", select.value);
    location.assign(pageLink(page === "overview" ? "overview" : "", select.value));
  });
  return h("label.wb-project", {}, select);
}

// The project in the address, else the one of last time, else the first.
export function chosenProject(projects) {
  const names = projects.map(({ name: title }) => title);
  const wanted = [new URLSearchParams(location.search).get("project"), read("wb:project")];
  const project = wanted.find((title) => names.includes(title)) ?? names[0] ?? null;
  if (project !== null) write("wb:project", project);
  return project;
}

function languageSwitch(onLanguage) {
  const group = name(h("div.wb-switch", { role: "group" }), "aria-label", "language");
  const paint = () => {
    for (const one of group.children) one.setAttribute("aria-pressed", String(one.value === language()));
  };
  for (const code of LANGUAGES) {
    const choose = async () => {
      await useLanguage(code);
      retranslate(document);
      paint();
      onLanguage();
    };
    group.append(button("button", { value: code, lang: code, onclick: choose }, code.toUpperCase()));
  }
  paint();
  return group;
}

function themeSwitch() {
  const control = name(button("button.wb-round", { onclick: () => toggle() }), "aria-label", "theme");
  name(control, "title", "theme");
  const toggle = followTheme((dark) => control.replaceChildren(icon(dark ? ICONS.sun : ICONS.moon)));
  return control;
}
