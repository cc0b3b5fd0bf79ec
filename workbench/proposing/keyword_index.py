"""Keywords and phrases, and finding them in texts. Pure but for what an index remembers of the words it has met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from workbench.proposing.stems import fold, only_cut, stem, words

# "не удобный" does not say "удобный".
NEGATIONS = frozenset({"не", "нет", "без", "ни", "not", "no", "never", "without"})
_SHORTEST_STUB = 4
_SHORTEST_STEM_STUB = 5


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword or phrase of one label, with its words folded."""

    label: str
    written: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    label: str
    keyword: str
    found: str


# Texts without end have words without end: an index forgets what it has met when it is so much, and does not remember
# what is too long to be met again.
_MOST_WORDS, _LONGEST = 300_000, 60


class _Opening(NamedTuple):
    """A keyword, by its place, that may begin at a word: the word's place in its piece of text, and the hit that it is
    where the keyword has one word only."""

    place: int
    keyword: Keyword
    offset: int
    alone: Hit | None


# A word of a text, and which words of keywords match it.
_Word: TypeAlias = tuple[str, tuple[str, ...]]


@dataclass
class KeywordIndex:
    """Finds keywords in texts. `stubs` lets a keyword match at a word's start; without it, stems must be equal.

    Texts repeat their words, so that what stands between two spaces is read once, when it is first met: no word and no
    compatibility character reaches over a space.
    """

    keywords: Sequence[Keyword]
    stubs: bool = True
    _starts: dict[str, list[str]] = field(init=False, repr=False)
    _first: dict[str, list[tuple[int, Keyword]]] = field(init=False, repr=False)
    _matched: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _words: dict[str, tuple[_Word, ...]] = field(init=False, repr=False, default_factory=dict)
    _opened: dict[str, tuple[_Opening, ...]] = field(init=False, repr=False, default_factory=dict)
    _mute: set[str] = field(init=False, repr=False, default_factory=set)
    _leading: set[str] = field(init=False, repr=False, default_factory=set)
    _silent: set[str] = field(init=False, repr=False, default_factory=set)

    def __post_init__(self) -> None:
        self._starts, self._first = {}, {}
        for word in dict.fromkeys(word for keyword in self.keywords for word in keyword.words):
            # Two letters survive stemming, so they are enough to rule most words out before it.
            self._starts.setdefault(word[:2], []).append(word)
        for place, keyword in enumerate(dict.fromkeys(self.keywords)):
            self._first.setdefault(keyword.words[0], []).append((place, keyword))

    def hits(self, text: str) -> list[Hit]:
        """The distinct keywords in `text`, each with the words it was found as, in the order of the text."""
        if len(self._mute) > _MOST_WORDS:
            self._forget()
        pieces, mute = text.split(), self._mute
        if mute.issuperset(pieces):
            return []
        found: dict[int, Hit] = {}
        for at, piece in enumerate(pieces):
            if piece in mute or (piece in self._leading and self._ends_at(pieces, at)):
                continue
            for place, keyword, offset, alone in self._opened_by(piece):
                if place not in found and (hit := alone or self._phrase(keyword, pieces, at, offset)) is not None:
                    found[place] = hit
        return list(found.values())

    def negated(self, text: str, hit: Hit) -> bool:
        """Whether the words of `hit` stand right behind a negation everywhere in `text`."""
        tokens, wanted = words(text), hit.found.split()
        places = [i for i in range(len(tokens)) if tokens[i : i + len(wanted)] == wanted]
        return all(i > 0 and tokens[i - 1] in NEGATIONS for i in places)

    def _opened_by(self, piece: str) -> tuple[_Opening, ...]:
        """The keywords that may begin in this piece of a text; those of one word are found with it."""
        known = self._opened.get(piece)
        if known is None:
            known = tuple(
                _Opening(place, keyword, offset, hit_of(keyword, [token]) if len(keyword.words) == 1 else None)
                for offset, (token, matching) in enumerate(self._spelled(piece))
                for word in matching
                for place, keyword in self._first.get(word, ())
            )
            if known:
                self._opened[piece] = known
                if len(words(piece)) == 1 and all(opening.alone is None for opening in known):
                    self._leading.add(piece)
            elif len(piece) <= _LONGEST:
                self._mute.add(piece)
        return known

    def _ends_at(self, pieces: Sequence[str], at: int) -> bool:
        """Whether what stands behind a piece goes on with no phrase, as behind most of "not": worth asking first."""
        if at + 1 == len(pieces):
            return True
        following = pieces[at + 1]
        if following not in self._silent:
            read = self._read(following)
            if not read or any(matching for _, matching in read):
                return False
            self._silent.add(following)
        return True

    def _phrase(self, keyword: Keyword, pieces: Sequence[str], at: int, offset: int) -> Hit | None:
        """The hit where the words of `keyword` stand side by side from a word of a piece on, and None elsewhere."""
        spoken: list[str] = []
        for place in range(at, len(pieces)):
            for token, matching in self._read(pieces[place])[offset:]:
                if keyword.words[len(spoken)] not in matching:
                    return None
                spoken.append(token)
                if len(spoken) == len(keyword.words):
                    return hit_of(keyword, spoken)
            offset = 0
        return None

    def _read(self, piece: str) -> tuple[_Word, ...]:
        known = self._words.get(piece)
        if known is None:
            known = self._words[piece] = self._spelled(piece)
        return known

    def _spelled(self, piece: str) -> tuple[_Word, ...]:
        return tuple((token, self._matching(token)) for token in words(piece))

    def _forget(self) -> None:
        for known in (self._matched, self._words, self._opened, self._mute, self._leading, self._silent):
            known.clear()

    def _matching(self, token: str) -> tuple[str, ...]:
        known = self._matched.get(token)
        if known is None:
            candidates = self._starts.get(token[:2], ())
            known = self._matched[token] = tuple(w for w in candidates if matches(w, token, stubs=self.stubs))
        return known


def hit_of(keyword: Keyword, spoken: Sequence[str]) -> Hit:
    return Hit(keyword.label, keyword.written, " ".join(spoken))


def matches(keyword: str, word: str, *, stubs: bool = True) -> bool:
    """Whether a folded keyword matches a folded word of a text.

    Up to two letters only the same word does; longer ones match by stem, and from four letters on (five for the stem)
    also at the start of a word: «футбол» finds «футболка», «тв» never «качество».
    """
    if keyword == word:
        return True
    if len(keyword) <= 2:
        return False
    keyword_stem = stem(keyword)
    begins = word.startswith(keyword_stem)
    stub = len(keyword) >= _SHORTEST_STUB and word.startswith(keyword)
    if stubs and (stub or (begins and len(keyword_stem) >= _SHORTEST_STEM_STUB)):
        return True
    # A stem that only the end was cut off for is the word's beginning; looking is quicker than stemming.
    return (begins or not only_cut(word)) and stem(word) == keyword_stem


def keyword_of(label: str, written: str) -> Keyword | None:
    """None for what has no word in it."""
    parts = tuple(words(written))
    return Keyword(label, fold(written).strip(), parts) if parts else None
