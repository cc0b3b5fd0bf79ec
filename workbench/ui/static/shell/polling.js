// Asking again and again, for as long as somebody looks.

// Runs `work` at once and then `every()` milliseconds after each answer, until `place` has left the page. A tab in the
// background asks nothing, and asks at once when it is seen again; an answer that fails to come is asked for again.
export function poll(place, work, every) {
  let timer = null;
  async function look() {
    clearTimeout(timer);
    if (!place.isConnected) return document.removeEventListener("visibilitychange", seen);
    if (!document.hidden) {
      try { await work(); } catch { /* the server may be restarting */ }
    }
    clearTimeout(timer);
    timer = setTimeout(look, every());
    return undefined;
  }
  const seen = () => { if (!document.hidden) look(); };
  document.addEventListener("visibilitychange", seen);
  timer = setTimeout(look, 0);
  return look;
}
