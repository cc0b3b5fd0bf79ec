// Before the first paint: the theme this browser was last set to, so that nothing flashes.
(() => {
  let chosen = null;
  try { chosen = JSON.parse(localStorage.getItem("wb:theme")); } catch { /* storage is switched off */ }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
