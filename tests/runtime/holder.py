"""Run by tests as a process of its own: holds the embedded services until its input ends."""

import sys
from pathlib import Path

from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.errors import RuntimeRefusal

try:
    with EmbeddedServices(Path(sys.argv[1]), durable=False).running() as services:
        services.ensure_database("souk")
        print("ready", services.database_url("souk"), flush=True)  # noqa: T201 - the test reads it
        sys.stdin.read()
except RuntimeRefusal as refusal:
    sys.exit(str(refusal))
