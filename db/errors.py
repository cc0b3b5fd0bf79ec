"""The one exception that means "the user can mend this"."""


class UserError(Exception):
    """A mistake in what was asked: one line naming the file, row, column, label or setting, and what to do.

    Every edge (command line, API, page) shows the text as it is; anything else that is raised is an internal fault
    and keeps its traceback.
    """


class NotFoundError(UserError):
    """What was asked for by its name or id is not there."""


class ConflictError(UserError):
    """Somebody else changed meanwhile what was about to be changed: look again before deciding."""


class ForbiddenError(UserError):
    """Whoever asks may not do this."""
