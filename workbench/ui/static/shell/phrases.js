// What the server says in English, in the page's language. The phrase book maps a template with numbered places to its
// translation. What stands in a place is data and goes in as it is; only a place marked {1!} holds words of ours, which
// are looked up in turn, so that a column called "tags" keeps its name.
import { phraseBook } from "./language.js";

const PLACE = /\{(\d+)(!?)\}/;
const QUOTES = ["'", '"'];
// Deeper than any line of ours is nested.
const DEEPEST = 6;

let read = null;
let phrases = [];

// The line in the page's language; one that no template matches as a whole stays as it is.
export function inWords(line) {
  if (read !== phraseBook()) {
    read = phraseBook();
    phrases = Object.entries(read).map(([template, words]) => parsed(template, words)).sort((one, other) => other.weight - one.weight);
  }
  return said(line, DEEPEST);
}

// The more of a template is written out, the better it knows the line: "{0}: {1}" comes last.
function parsed(template, words) {
  const literals = template.split(PLACE).filter((_part, index) => index % 3 === 0);
  return { literals, words: words.split(PLACE), weight: literals.join("").length };
}

function said(line, deeper) {
  for (const quoted of [true, false]) {
    for (const { literals, words } of phrases) {
      const values = valuesIn(line, literals, quoted);
      if (values) return filled(words, values, deeper);
    }
  }
  return line;
}

// The text before the first place, then of each its number, its mark and the text after it.
function filled([beginning, ...parts], values, deeper) {
  let line = beginning;
  for (let at = 0; at < parts.length; at += 3) {
    const [place, mark, literal] = parts.slice(at, at + 3);
    line += (mark && deeper ? said(values[place], deeper - 1) : values[place]) + literal;
  }
  return line;
}

// What stands between the literals, each found where it first comes, which takes one walk along the line; null where
// they are not all there. `quoted`: a value that begins with a quote ends with it, whatever stands between.
function valuesIn(line, literals, quoted) {
  const [first, last] = [literals[0], literals.at(-1)];
  if (literals.length === 1) return line === first ? [] : null;
  const end = line.length - last.length;
  if (end < first.length || !line.startsWith(first) || !line.endsWith(last)) return null;
  const values = [];
  let from = first.length;
  for (const literal of literals.slice(1, -1)) {
    const quote = quoted && QUOTES.includes(line[from]) ? line[from] : "";
    const found = line.indexOf(quote + literal, from + quote.length);
    const next = found + quote.length + literal.length;
    if (found < 0 || next > end) return null;
    values.push(line.slice(from, found + quote.length));
    from = next;
  }
  return [...values, line.slice(from, end)];
}
