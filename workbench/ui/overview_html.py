"""The overview's figures as HTML. Pure; whatever came from people or machines goes through `html.escape`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from db.promotions import Promotion
from db.types import LabelSet
from workbench.quality.distribution import Concern, Distribution
from workbench.quality.overview import Overview, Progress
from workbench.quality.work import DayWork, PersonWork
from workbench.ui.gate_words import say_reason, say_verdict
from workbench.ui.language import Language, plural, texts

_SHOWN_LABELS, _SHOWN_DAYS = 40, 14
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,24}")


@dataclass(frozen=True, kw_only=True)
class OverviewPage:
    """Everything the page shows, and in which language."""

    figures: Overview
    label_set: LabelSet
    promotions: Sequence[Promotion]
    language: Language

    def html(self) -> str:
        """The page's content, to be put inside its frame."""
        figures = self.figures
        cards = [
            self._card("progress", self._progress(figures.progress), wide=True),
            *(self._card(key, self._labels(found)) for key, found in self._distributions() if found is not None),
            self._card("sources", self._later()),
            self._card("people", self._people(figures.people) + self._days(figures.days)),
            self._card("champions", self._champions()),
        ]
        return f'<div class="wb-cards">{"".join(cards)}</div>'

    def _t(self, key: str, **values: object) -> str:
        filled = texts(self.language)[key]
        for name, value in values.items():
            filled = filled.replace(f"{{{name}}}", str(value))
        return escape(filled)

    def _card(self, key: str, content: str, *, wide: bool = False) -> str:
        kind = "wb-card wb-panel is-wide" if wide else "wb-card wb-panel"
        return f'<section class="{kind}" data-panel="{key}"><h2>{self._t(f"panel_{key}")}</h2>{content}</section>'

    def _later(self) -> str:
        """Takes as long as all the rest, so the page brings it by itself."""
        return f'<div data-later="sources" aria-busy="true"><p class="wb-quiet">{self._t("loading")}</p></div>'

    def _nothing(self, key: str) -> str:
        return f'<p class="wb-quiet">{self._t(f"nothing_{key}")}</p>'

    def _progress(self, progress: Progress) -> str:
        total = max(progress.records, 1)
        parts = [(name, getattr(progress, name)) for name in ("answered", "skipped", "flagged")]
        bar = "".join(f'<i class="is-{name}" style="width:{100 * count / total:.2f}%"></i>' for name, count in parts)
        blind = f"{progress.calibration} + {progress.test}"
        queued = "–" if progress.queued is None else str(progress.queued)
        shown = [("records", str(progress.records)), *((name, str(count)) for name, count in parts)]
        figures = "".join(
            f'<div class="wb-big is-{name}"><b>{value}</b><span>{self._t(f"progress_{name}")}</span></div>'
            for name, value in (*shown, ("queued", queued), ("blind", blind))
        )
        share = f"{100 * progress.answered / total:.0f}%"
        return f'<div class="wb-stack" role="img" aria-label="{share}">{bar}</div><div class="wb-bigs">{figures}</div>'

    def _distributions(self) -> Iterable[tuple[str, Distribution | None]]:
        return ("categories", self.figures.categories), ("tags", self.figures.tags)

    def _labels(self, found: Distribution) -> str:
        if not any(found.counts.values()):
            return self._nothing("labels")
        colours = {c.name: colour_of(c.color, place) for place, c in enumerate(self.label_set.categories)}
        most = max(found.counts.values())
        shown = list(found.counts.items())[:_SHOWN_LABELS]
        rows = "".join(_bar(label, count, most, colours.get(label, "var(--accent)")) for label, count in shown)
        hidden = len(found.counts) - len(shown)
        more = f'<p class="wb-quiet">{self._counted("more_labels", hidden)}</p>' if hidden else ""
        warnings = "".join(f'<p class="wb-warning">{self._concern(concern, found)}</p>' for concern in found.concerns)
        return f'{warnings}<div class="wb-dist">{rows}</div>{more}'

    def _concern(self, concern: Concern, found: Distribution) -> str:
        if concern is Concern.IMBALANCED:
            return self._t("concern_imbalanced", ratio=f"{found.imbalance or 0:.0f}")
        empty = [label for label, count in found.counts.items() if not count]
        return self._counted("concern_without_rows", len(empty))

    def _counted(self, key: str, n: int) -> str:
        return self._t(f"{key}_{plural(self.language, n)}", n=n)

    def _people(self, people: Sequence[PersonWork]) -> str:
        if not people:
            return self._nothing("people")
        names = ("person", "answered", "blind", "skipped", "flagged", "seconds")
        head = "".join(f"<th>{self._t(f'column_{name}')}</th>" for name in names)
        rows = "".join(
            f"<tr><th>{escape(p.person)}</th><td>{p.answered}</td><td>{p.blind}</td><td>{p.skipped}</td><td>{p.flagged}</td>"
            f"<td>{'–' if p.seconds is None else f'{p.seconds:.1f}'}</td></tr>"
            for p in people
        )
        return f'<table class="is-numbers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'

    def _days(self, days: Sequence[DayWork]) -> str:
        if not days:
            return ""
        by_day: Counter[object] = Counter()
        for one in days:
            by_day[one.day] += one.answered
        last = max(one.day for one in days)
        shown = [last - timedelta(days=back) for back in reversed(range(_SHOWN_DAYS))]
        most = max(by_day.values())
        bars = "".join(
            f'<i title="{day:%d.%m}: {by_day[day]}" style="height:{max(3, 100 * by_day[day] / most):.0f}%"></i>'
            for day in shown
        )
        ends = f"<span>{shown[0]:%d.%m}</span><span>{shown[-1]:%d.%m}</span>"
        chart = f'<div class="wb-days" role="img" aria-label="{most}">{bars}</div>'
        return f'<h3>{self._t("days")}</h3>{chart}<div class="wb-ends">{ends}</div>'

    def _champions(self) -> str:
        if not self.promotions:
            return self._nothing("champions")
        return f'<ol class="wb-champions">{"".join(map(self._champion, self.promotions))}</ol>'

    def _champion(self, one: Promotion) -> str:
        when = "" if one.created_at is None else f"<time>{one.created_at:%d.%m.%Y %H:%M}</time>"
        reasons = "".join(f"<li>{escape(say_reason(reason, self.language))}</li>" for reason in one.reasons)
        title = f"<b>{escape(one.model_name)} · {self._t('version', version=one.version)}</b>"
        verdict = f'<span class="wb-chip">{escape(say_verdict(one.verdict, self.language))}</span>'
        return f"<li>{title} {verdict}{when}<ul>{reasons}</ul></li>"


def colour_of(given: str, place: int) -> str:
    """A label's own colour if it is a plain one, else one of many; the curation page does the same."""
    return given if _COLOUR.fullmatch(given) else f"oklch(60% 0.13 {round((place * 137.508 + 162) % 360)})"


def _bar(label: str, count: int, most: int, colour: str) -> str:
    fill = f'<span class="wb-bar-fill" style="width:{100 * count / most:.1f}%;--c:{colour}"></span>'
    name = escape(label)
    return (
        f'<div class="wb-bar"><span class="wb-bar-name" title="{name}">{name}</span>'
        f'<span class="wb-bar-track">{fill}</span><span class="wb-bar-share">{count}</span></div>'
    )
