// Data: files in, exports out, and what the records are like.
import { ask } from "../shell/api.js";
import { h, icon, ICONS, say } from "../shell/dom.js";
import { round } from "../shell/form.js";
import { errorLine } from "../shell/notice.js";
import { noProject, openPage } from "../shell/page.js";
import { covers } from "../shell/places.js";
import { exportPanel } from "../exchange/exporter.js";
import { Importer } from "../exchange/importer.js";
import { profilePanels } from "../exchange/profile.js";

// An import under way outlives a change of language.
let importer = null;

export const start = (element) => openPage(element, { page: "data", role: "reviewer", needsProject: false, paint });

async function paint({ main, head, project, kind, projects, me }) {
  const may = covers(me.role, "admin");
  if (project === null && !may) return main.append(noProject(me));
  const profile = h("div.wb-profile");
  const show = () => (project === null ? undefined : showProfile(profile, project));
  if (may) main.append(await makeImporter({ me, projects, project, kind, onDone: show }));
  if (project === null) return undefined;
  head.append(round("refresh", icon(ICONS.refresh), show));
  main.append(h("div.wb-cards", {}, exportPanel(project), profile));
  // What takes a second must not hold the page up.
  show();
  return undefined;
}

async function makeImporter(wishes) {
  if (importer === null) importer = new Importer({ ...wishes, about: await ask("api/data") });
  else importer.repaint();
  return importer.element;
}

async function showProfile(place, project) {
  place.setAttribute("aria-busy", "true");
  if (!place.childElementCount) place.append(say(h("p.wb-quiet"), "loading"));
  try {
    place.replaceChildren(...profilePanels(await ask(`api/data/projects/${encodeURIComponent(project)}/profile`, { patient: true }), project));
  } catch (error) {
    place.replaceChildren(errorLine(error));
  } finally {
    place.removeAttribute("aria-busy");
  }
}
