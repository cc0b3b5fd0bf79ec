"""From a project's labels to questions, and from the answers to a suggestion; pure."""

from __future__ import annotations

from collections.abc import Sequence

from db.types import Answer, Tag
from workbench.proposing.llm.questions import Choice, Option, Question, YesNo
from workbench.proposing.llm.rounds import Collected
from workbench.proposing.stage import (
    Item,
    Rejection,
    Suggestion,
    Task,
    best,
    fingerprint,
    route_of,
    tag_suggestion,
    tags_of,
)

CATEGORY = "category"
REFUSED = "the model refused to answer"


class Questionnaire:
    """The questions of one project. A category is one choice; each tag of the record's catalogue a yes/no."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._kind = task.project.kind
        self._labels = task.labels
        self._same_tags = len({task.labels.tag_names(name) for name in task.labels.category_names}) == 1

    @property
    def version(self) -> str:
        """Changes with whatever the questions and the reading of their answers depend on."""
        labels, settings = self._labels, self._task.settings
        return fingerprint(
            self._kind,
            [(category.name, category.description) for category in labels.categories],
            {section: [(tag.name, tag.definition) for tag in tags] for section, tags in labels.tags.items()},
            self._task.guidelines,
            settings.llm_votes,
            settings.tag_threshold if self._kind.asks_tags else None,
        )

    def first(self, item: Item, vote: int) -> list[Question]:
        """What can be asked at once: all of it, unless the tags depend on a category that is still to be chosen."""
        questions: list[Question] = [self._category(item, vote)] if self._kind.asks_category else []
        if self._kind.asks_tags and not self.tags_wait(item):
            questions += self.tags(self._route(item))
        return questions

    def tags_wait(self, item: Item) -> bool:
        """Whether the tags can only be asked for when the category has been answered."""
        known = route_of(self._task, item, None) is not None
        return self._kind.asks_category and self._kind.asks_tags and not known and not self._same_tags

    def tags(self, category: str | None) -> list[Question]:
        return [_yes_no(number, tag) for number, tag in enumerate(tags_of(self._labels, category), start=1)]

    def longest_tags(self) -> list[Question]:
        """The tag questions of the category with the most of them, for estimates."""
        return max((self.tags(name) for name in self._labels.category_names), key=len, default=[])

    def chosen(self, collected: Collected) -> str | None:
        options = collected.choices.get(CATEGORY)
        return best(options)[0] if options else None

    def suggestion(self, item: Item, collected: Sequence[Collected]) -> Suggestion | Rejection | None:
        """The answers of all votes as one: the mean of each option's probability."""
        cost = sum(vote.cost for vote in collected)
        cached = all(vote.cached for vote in collected)
        options = _mean([vote.choices[CATEGORY] for vote in collected if CATEGORY in vote.choices])
        if self._kind.asks_category and not options:
            return Rejection(reason=REFUSED, cost=cost, cached=cached)
        options = {name: options[name] for name in self._labels.category_names if name in options}
        category, score = best(options) if options else (None, 0.0)
        tags: tuple[str, ...] | None = None
        named: dict[str, float] = {}
        if self._kind.asks_tags:
            catalogue = tags_of(self._labels, category if self.tags_wait(item) else self._route(item))
            # A vote that chose another category was asked about other tags, under the same numbers.
            votes = [v for v in collected if not self.tags_wait(item) or self.chosen(v) == category]
            yes = _mean([_by_name(vote, catalogue) for vote in votes if vote.yes])
            if catalogue and not yes:
                return Rejection(reason=REFUSED, cost=cost, cached=cached)
            tags, tag_score, named = tag_suggestion(yes, self._task.settings)
            score = score if self._kind.asks_category else tag_score
            if not catalogue and not self._kind.asks_category:
                return None
        return Suggestion(
            answer=Answer(category, tags),
            score=score,
            probabilities=options | named,
            rationale=next((vote.rationale for vote in collected if vote.rationale), ""),
            cost=cost,
            cached=cached,
        )

    def _route(self, item: Item) -> str | None:
        # Where a category is still to be chosen, all have the same tags, or this is not asked.
        return route_of(self._task, item, self._labels.category_names[0] if self._kind.asks_category else None)

    def _category(self, item: Item, vote: int) -> Choice:
        options = tuple(Option(category.name, category.description) for category in self._labels.categories)
        guidelines = self._task.guidelines.strip()
        instructions = "Which category does the text belong to?"
        return Choice(
            key=CATEGORY,
            instructions=f"{instructions} The guidelines for it:\n{guidelines}\n" if guidelines else instructions,
            options=turned(options, item.text_key, vote, self._task.settings.llm_votes),
        )


def turned(options: tuple[Option, ...], text_key: str, vote: int, votes: int) -> tuple[Option, ...]:
    """The options from another start for each text and vote.

    Models favour places in a list (letters most of all); over the texts this gives every option every place, at no
    further request. `text_key` is hexadecimal.
    """
    start = (int(text_key[:8], 16) + vote * len(options) // max(1, votes)) % len(options)
    return options[start:] + options[:start]


def _yes_no(number: int, tag: Tag) -> YesNo:
    meaning = f" It means: {tag.definition}" if tag.definition else ""
    instructions = f'The tag "{tag.name}" applies to the text.{meaning}'
    return YesNo(key=f"tag{number}", instructions=instructions, subject=tag.name)


def _by_name(vote: Collected, catalogue: Sequence[Tag]) -> dict[str, float]:
    keys = {f"tag{number}": tag.name for number, tag in enumerate(catalogue, start=1)}
    return {keys[key]: probability for key, probability in vote.yes.items() if key in keys}


def _mean(votes: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean over the votes that know an option."""
    names = dict.fromkeys(name for vote in votes for name in vote)
    return {name: sum(v.get(name, 0.0) for v in votes) / sum(name in v for v in votes) for name in names}
