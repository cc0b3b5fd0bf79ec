"""`python -m training.retrain`: gold labels → snapshot → recipe → MLflow run → registered version → gate → champion."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import NoReturn

from db.errors import UserError
from training.planning import Options, Promote, seconds_of
from training.recipes.base import recipe_names
from training.terminal import Reporter
from training.training_run import TrainingResult, retrain


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 on success, 1 on a user's error (one line on stderr); wrong usage exits with 2 by itself."""
    parsed = _parser().parse_args(arguments)
    reporter = Reporter(stream=sys.stderr, as_json=parsed.json)
    try:
        # MLflow and others talk on stdout when they please; it belongs to our result.
        with redirect_stdout(sys.stderr):
            result = retrain(_options(parsed), reporter.progress)
    except UserError as error:
        reporter.end()
        sys.stderr.write(f"error: {error}\n")
        return 1
    reporter.end()
    sys.stdout.write((json.dumps(asdict(result), ensure_ascii=False) if parsed.json else _in_words(result)) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.retrain", description=__doc__)
    parser.add_argument("--project", required=True)
    parser.add_argument(
        "--recipe",
        default="auto",
        help=f"one of {', '.join(recipe_names())}; the other task of a project of both gets its default",
    )
    parser.add_argument("--use-proposals", action="store_true", help="learn from stored proposals too, as opinions")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a parameter of the recipe; repeat for more"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--snapshot", metavar="FINGERPRINT", help="train on this earlier snapshot again")
    parser.add_argument(
        "--budget", type=_seconds, metavar="5m", help="finish with what there is after this time (s, m, h)"
    )
    parser.add_argument("--promote", choices=[p.value for p in Promote], default=Promote.AUTO.value)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout, JSON progress lines on stderr")
    return parser


def _seconds(text: str) -> float:
    try:
        return seconds_of(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("--budget: ")) from None


def _options(parsed: argparse.Namespace) -> Options:
    return Options(
        project=parsed.project,
        recipe=parsed.recipe,
        use_proposals=parsed.use_proposals,
        assignments=tuple(parsed.set),
        seed=parsed.seed,
        snapshot=parsed.snapshot,
        budget_s=parsed.budget,
        promote=Promote(parsed.promote),
    )


def _in_words(result: TrainingResult) -> str:
    lines = [
        f"model {result.model_name!r}, version {result.version} (recipe {result.recipe}, snapshot {result.snapshot})"
    ]
    lines += [f"  {note}" for note in result.notes]
    lines += [f"  {name} {value:.4g}" for name, value in sorted(result.metrics.items())]
    lines += [f"gate: {result.gate['verdict']}", *(f"  {reason}" for reason in result.gate["reasons"])]
    return "\n".join([*lines, _outcome(result)])


def _outcome(result: TrainingResult) -> str:
    if result.promoted:
        return "promoted to champion"
    return "not promoted: label more of the blind stream and train again, or overrule the gate with --promote always"


def _stop(*_: object) -> NoReturn:
    """Leave by way of every `finally`, so that no run stays open in MLflow."""
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
