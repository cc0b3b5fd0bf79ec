// The overview page: a frame around what the server renders, fetched on opening, on request, and when the language changes.
import { emptyState } from "./curate/reading.js";
import { ask } from "./shell/api.js";
import { button, h, icon, ICONS, name, say } from "./shell/dom.js";
import { chosenProject, makeHeader } from "./shell/header.js";
import { language, t, useLanguage } from "./shell/language.js";

export async function start(element) {
  await useLanguage();
  const { projects } = await ask("api/annotate");
  const project = chosenProject(projects);
  const content = h("main.wb-overview");
  const show = () => (project === null ? showNone(content) : fill(content, project));
  const refresh = name(name(button("button.wb-round", { onclick: show }, icon(ICONS.refresh)), "aria-label", "refresh"), "title", "refresh");
  const header = makeHeader({ page: "overview", projects, project, onLanguage: show, extra: [refresh] });
  element.replaceChildren(h("div.wb-app", {}, header, content));
  await show();
}

function showNone(content) {
  document.title = t("title_overview");
  content.className = "wb-main is-empty";
  content.replaceChildren(emptyState("no_project", {}, "workbench import FILE --project NAME --kind category"));
}

// The server has escaped everything that is not its own markup.
async function fill(content, project) {
  document.title = t("title_overview");
  content.setAttribute("aria-busy", "true");
  try {
    content.innerHTML = await ask(`api/overview/${encodeURIComponent(project)}?language=${language()}`, { text: true });
  } catch (error) {
    content.replaceChildren(say(h("p.wb-warning"), "overview_failed", { detail: error.message }));
  } finally {
    content.removeAttribute("aria-busy");
  }
}
