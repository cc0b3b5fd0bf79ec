// Labels as files: taken from one that is chosen, kept in one without asking the server.
import { ask } from "../shell/api.js";

const MAX_BYTES = 1_500_000;

// Gives the labels that the chosen file describes, or undefined where none was chosen; throws what is wrong with it.
export function chooseLabels() {
  return new Promise((resolve, reject) => {
    const control = document.createElement("input");
    control.type = "file";
    control.accept = ".yaml,.yml,.json";
    control.addEventListener("change", () => readLabels(control.files[0]).then(resolve, reject));
    control.addEventListener("cancel", () => resolve(undefined));
    control.click();
  });
}

async function readLabels(file) {
  const text = file.size > MAX_BYTES ? "" : await file.text();
  const { labels } = await ask("api/labels/read-yaml", { body: { text, name: file.name.slice(0, 255) } });
  return labels;
}

// JSON is YAML too.
export function keepAsFile(title, labels) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(labels, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = title;
  link.click();
  URL.revokeObjectURL(address);
}
