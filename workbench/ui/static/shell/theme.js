// Light or dark: the system's wish until the person chooses. Gradio's own parts follow through its class.
import { read, write } from "./storage.js";

const system = matchMedia("(prefers-color-scheme: dark)");

export const isDark = () => document.documentElement.dataset.theme === "dark";

export function followTheme(onChange) {
  const apply = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.body.classList.toggle("dark", dark);
    onChange(dark);
  };
  const kept = readTheme();
  apply(kept === null ? system.matches : kept === "dark");
  system.addEventListener("change", (event) => { if (readTheme() === null) apply(event.matches); });
  return () => {
    const dark = !isDark();
    write("wb:theme", dark ? "dark" : "light");
    apply(dark);
  };
}

const readTheme = () => read("wb:theme");
