// The overview: a frame around what the server renders, fetched on opening, on request, and when the language changes.
import { ask } from "../shell/api.js";
import { icon, ICONS } from "../shell/dom.js";
import { round } from "../shell/form.js";
import { language } from "../shell/language.js";
import { errorLine } from "../shell/notice.js";
import { openPage } from "../shell/page.js";

export const start = (element) => openPage(element, { page: "overview", paint });

// The server has escaped everything that is not its own markup.
async function paint({ main, head, project, repaint }) {
  head.append(round("refresh", icon(ICONS.refresh), repaint));
  const path = `api/overview/${encodeURIComponent(project)}`;
  main.innerHTML = await ask(`${path}?language=${language()}`, { text: true });
  bring(main.querySelector("[data-later=sources]"), `${path}/sources`);
}

// What takes longest comes when it is there, and does not keep the rest waiting.
async function bring(place, path) {
  try {
    place.innerHTML = await ask(`${path}?language=${language()}`, { text: true });
  } catch (error) {
    place.replaceChildren(errorLine(error));
  } finally {
    place.removeAttribute("aria-busy");
  }
}
