// The clipboard is closed to pages on a plain LAN address: a selection and the old command still work there.
import { button, h, say } from "./dom.js";

export async function copyText(text, beside) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", {});
  field.value = text;
  beside.after(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

// A button that copies what `text()` gives.
export function copyButton(text) {
  const copy = say(button("button.wb-button"), "copy");
  copy.addEventListener("click", async () => {
    await copyText(text(), copy);
    say(copy, "copied");
  });
  return copy;
}
