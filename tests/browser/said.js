() => {
  const attributes = ["aria-label", "title", "placeholder"];
  const read = (element) => attributes.map((name) => element.getAttribute(name) ?? "").join(" ");
  const app = document.querySelector(".wb-app");
  return [document.title, app.innerText, ...Array.from(app.querySelectorAll("*"), read)].join("\n");
}
