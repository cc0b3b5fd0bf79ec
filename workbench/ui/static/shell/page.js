// How a page opens: who asks, on which project, the frame around it, and one clear line where it cannot be shown.
import { ask } from "./api.js";
import { chosenProject, whoAsks } from "./asker.js";
import { button, h, say } from "./dom.js";
import { emptyState } from "./empty.js";
import { makeFrame } from "./frame.js";
import { t, useLanguage } from "./language.js";
import { errorLine } from "./notice.js";
import { covers } from "./places.js";

// `paint({main, head, me, project, kind, repaint})` fills the page's `main`, and puts buttons into `head`, beside the
// title; it runs again when the language changes or `repaint()` is called.
export async function openPage(element, { page, role = "annotator", needsProject = true, paint }) {
  await useLanguage(undefined, page);
  const [me, { projects }] = await Promise.all([whoAsks(), ask("api/annotate")]);
  const project = chosenProject(projects);
  const kind = projects.find(({ name }) => name === project)?.kind ?? null;
  const main = h("main.wb-page", { id: "wb-content", tabindex: "-1" });
  const view = { main, me, projects, project, kind, repaint: () => show() };
  const app = makeFrame({ page, me, projects, project, onLanguage: () => show() });
  app.append(main);
  element.replaceChildren(app);
  const show = () => fill(view, { page, role, needsProject, paint });
  await show();
}

async function fill(view, { page, role, needsProject, paint }) {
  const { main, me, project } = view;
  main.className = "wb-page";
  if (!covers(me.role, role)) return showAlone(main, emptyState("page_forbidden", { role: t(`role_${role}`) }, { mark: "lock" }));
  if (needsProject && project === null) return showAlone(main, noProject(me));
  const head = h("div.wb-row");
  const title = h("div.wb-page-head", {}, say(h("h1"), `nav_${page}`), h("div.wb-grow"), head);
  const body = h("div.wb-page-body", { "aria-busy": "true" });
  main.replaceChildren(title, body);
  try {
    await paint({ ...view, main: body, head });
  } catch (error) {
    body.replaceChildren(errorLine(error), say(button("button.wb-button", { onclick: view.repaint }), "retry"));
  } finally {
    body.removeAttribute("aria-busy");
  }
  return undefined;
}

function showAlone(main, what) {
  main.className = "wb-main is-empty";
  main.replaceChildren(what);
}

export const noProject = (me) =>
  emptyState("empty_no_project", {}, { href: covers(me.role, "admin") ? "./data" : null, command: "workbench import FILE --project NAME --kind category", mark: "data" });
