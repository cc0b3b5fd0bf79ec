// The overview: a frame around what the server renders, fetched on opening, on request, and when the language changes.
import { ask } from "../shell/api.js";
import { icon, ICONS } from "../shell/dom.js";
import { round } from "../shell/form.js";
import { language } from "../shell/language.js";
import { openPage } from "../shell/page.js";

export const start = (element) => openPage(element, { page: "overview", paint });

// The server has escaped everything that is not its own markup.
async function paint({ main, head, project, repaint }) {
  head.append(round("refresh", icon(ICONS.refresh), repaint));
  main.innerHTML = await ask(`api/overview/${encodeURIComponent(project)}?language=${language()}`, { text: true });
}
