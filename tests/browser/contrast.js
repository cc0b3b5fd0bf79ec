// The texts of the page that stand below 4.5:1 on what is behind them.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const linear = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba("white");
  };
  const hasText = (element) => element.offsetParent && Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
  const ratio = (element) => {
    const [high, low] = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
  };
  return Array.from(document.querySelectorAll(".wb-app *")).filter(hasText)
    .map((element) => [element.className || element.tagName, element.textContent.slice(0, 20), ratio(element)])
    .filter(([, , found]) => found < 4.5);
}
