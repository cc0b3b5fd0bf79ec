"""What no page shows, so that the phrase book does without it; and lines that stand in it in more than one form."""

from __future__ import annotations

from collections.abc import Mapping

# Files and folders whose lines never reach a page.
ROOMS: Mapping[str, str] = {
    "workbench/cli": "said in a terminal",
    "workbench/processes": "said in a terminal",
    "workbench/upkeep": "said in a terminal",
    "workbench/wiring.py": "said in a terminal: jobs are done by the handlers",
    "workbench/exchange/annotating.py": "a command; on pages people answer one by one",
    "workbench/exchange/labels.py": "a command; pages send what a file says, not its path",
    "workbench/api": "answers to programs",
    "workbench/serving": "answers to programs, and a command that predicts files",
    "workbench/proposing/explain.py": "no page asks for it",
    "workbench/proposing/llm/listing.py": "the demo asks, before there are pages",
    "db/settings.py": "said when a process starts",
    "workbench/settings.py": "said when a process starts",
    "workbench/ui/login.py": "answers to programs; the login page has texts of its own",
}
LINES: Mapping[str, str] = {
    "no users yet, so only 127.0.0.1 may be listened on, not {0}; first run: {1}": "said when a process starts",
    "the prior must be above 0, and so must the background of every word": "a fault of ours, which is shown as one",
    "no rows to fit a temperature on": "a fault of ours, which is shown as one",
    "target and delta lie between 0 and 1, got {0} and {1}": "a fault of ours, which is shown as one",
    "{0} scores, but {1} rows are judged": "a fault of ours, which is shown as one",
    "--proposal-column {0}: expected COLUMN=SOURCE or COLUMN:SCORE_COLUMN=SOURCE": "pages send columns, not an option",
    "WORKBENCH_LLM_MODEL=local:{0}: {1}": "it has no words of ours",
    "cannot be reached after {0} tries: {1}": "the end of a line that is spelt out",
    "still answers {0} after {1} tries: {2}": "the end of a line that is spelt out",
    "as WORKBENCH_LLM_API says": "a note in a job's log",
    "as it answered when asked": "a note in a job's log",
    "body": "the place of a fault, as the names of fields are",
}
# Where what is filled in is a word of ours, or may be nothing, a whole sentence stands for each.
_ASIDE = "({} more are in the blind stream, which never trains)"
_ADD = "label some or import them"
_OTHERS = "two different categories at least are needed"
SPELT_OUT: Mapping[str, tuple[str, ...]] = {
    "{0} {1}: use 1–{2} printable characters": (
        "user name {0}: use 1–{1} printable characters",
        "token name {0}: use 1–{1} printable characters",
    ),
    "no project {0} (projects: {1}); create it with: workbench import FILE --project {2} --kind …": (
        "no project {0} (projects: {1}); create it with: workbench import FILE --project {2} --kind …",
        "no project {0} (projects: none yet); create it with: workbench import FILE --project {1} --kind …",
    ),
    "{0} process {1}{2}": ("{0} process {1}", "{0} process {1} of tick {2}"),
    "label set: {0} must be a list": ("label set: categories must be a list", "label set: tags of {0} must be a list"),
    "label set: {0}: an entry without a usable name (1–{1} characters): {2}": (
        "label set: categories: an entry without a usable name (1–{0} characters): {1}",
        "label set: tags of {0}: an entry without a usable name (1–{1} characters): {2}",
    ),
    "label set: {0}: characters that cannot be kept in {1}": (
        "label set: categories: characters that cannot be kept in {0}",
        "label set: tags of {0}: characters that cannot be kept in {1}",
    ),
    "label set: {0}: {1} has an unknown key {2}; known: {3}": (
        "label set: categories: {0} has an unknown key {1}; known: {2}",
        "label set: tags of {0}: {1} has an unknown key {2}; known: {3}",
    ),
    "label set: {0}: {1} of {2} must be at most {3} characters": (
        "label set: categories: {0} of {1} must be at most {2} characters",
        "label set: tags of {0}: {1} of {2} must be at most {3} characters",
    ),
    "label set: {0}: two labels named {1}; names must differ": (
        "label set: categories: two labels named {0}; names must differ",
        "label set: tags of {0}: two labels named {1}; names must differ",
    ),
    "{0}{1}: not YAML: {2}": ("{0}: not YAML: {1}", "{0} line {1}: not YAML: {2}"),
    "unknown {0} {1}{2}; listed are: {3}": (
        "unknown label {0}; listed are: {1}",
        "unknown tag {0}; listed are: {1}",
        "unknown tag {0} of {1}; listed are: {2}",
    ),
    "{0} {1}{2} differs from {3} only in upper and lower case": (
        "label {0} differs from {1} only in upper and lower case",
        "tag {0} differs from {1} only in upper and lower case",
        "tag {0} of {1} differs from {2} only in upper and lower case",
    ),
    "project {0} has no {1} yet; there is nothing to export": tuple(
        f"project {{0}} has no {what} yet; there is nothing to export"
        for what in ("gold", "annotations", "proposals", "snapshot")
    ),
    "project {0} has no {1} yet; add them with: workbench labels {2} --set FILE": (
        "project {0} has no categories yet; add them with: workbench labels {1} --set FILE",
        "project {0} has no tags yet; add them with: workbench labels {1} --set FILE",
    ),
    "the champion of {0} is version {1} now, not {2} as when this was asked for": (
        "the champion of {0} is version {1} now, not {2} as when this was asked for",
        "the champion of {0} is version {1} now, not None as when this was asked for",
    ),
    "WORKBENCH_LLM_BASE_URL={0} {1}": (
        "WORKBENCH_LLM_BASE_URL={0} cannot be reached after {1} tries: {2}",
        "WORKBENCH_LLM_BASE_URL={0} still answers {1} after {2} tries: {3}",
    ),
    "internal error; the server's log says more{0}": (
        "internal error; the server's log says more",
        "internal error; the server's log says more (request {0})",
    ),
    "--set {0}: recipe {1} has {2}": (
        "--set {0}: recipe {1} has {2}",
        "--set {0}: recipe {1} has no parameters",
    ),
    "--set {0}: {1} (got {2})": ("--set {0}: a number (got {1})", "--set {0}: a whole number (got {1})"),
    "snapshot {0}: {1} found in {2} (there are: {3})": (
        "snapshot {0}: {1} found in {2} (there are: {3})",
        "snapshot {0}: {1} found in {2} (there are: none)",
    ),
    "project {0} has no {1} labels to train on{2}: label some or import them": tuple(
        f"project {{0}} has no {task} labels to train on{aside}: {_ADD}"
        for task in ("category", "tags")
        for aside in ("", f" {_ASIDE.format('{1}')}")
    ),
    "project {0}: all {1} labels to train on are {2}{3}; two different categories at least are needed": tuple(
        f"project {{0}}: all {{1}} labels to train on are {{2}}{aside}; {_OTHERS}"
        for aside in ("", f" {_ASIDE.format('{3}')}")
    ),
}
