"""What a process says of itself: one line to standard error for each thing worth knowing."""

import logging

FORMAT = "%(levelname)s %(name)s: %(message)s"


def report_to_stderr() -> None:
    """For entry points, before anything else; libraries speak from warnings on."""
    logging.basicConfig(format=FORMAT, level=logging.WARNING)
    for ours in ("marketplace", "marketplace_runtime", "marketplace_web", "settlement"):
        logging.getLogger(ours).setLevel(logging.INFO)
    # While PostgreSQL is away the pool tells each attempt with a traceback; we say it once.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
