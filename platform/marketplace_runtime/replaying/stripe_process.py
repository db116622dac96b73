"""The replay's own Stripe sandbox: a process beside the replay, with books of its own.

It lives by the replay's clock and sends no webhooks: the answers confirm. It ends with the
replay, however that ends.
"""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from marketplace_runtime.embedded.spawning import options

KEY = "sk_test_replay"
STARTS_WITHIN_SECONDS = 60
ENDS_WITHIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class StripeProcess:
    url: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None


@contextmanager
def stripe_process(database_url: str, *, data_file: Path, log: Path) -> Iterator[StripeProcess]:
    """Call it from the main thread: the kernel ties the process to the thread."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        asked = {"database_url": database_url, "data_file": str(data_file), "url": url}
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(listening.fileno())],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                **options(dies_with=signal.SIGTERM, keep=(listening.fileno(),)),
            )
        assert process.stdin is not None
        # Not on the command line, where everybody on the machine could read the address.
        process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
    try:
        _wait_until_ready(url, process)
        yield StripeProcess(url, log, process)
    finally:
        process.terminate()
        try:
            process.wait(ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """The socket accepts at once; the first call must not spend its patience on our start."""
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            continue
        return


def main() -> None:
    """The process itself: the socket is its argument, the rest comes in on its standard input."""
    import uvicorn

    from marketplace_runtime.sandboxing import DatabaseClock
    from stripe_sandbox.app import create_app
    from stripe_sandbox.config import SandboxConfig

    asked = json.loads(sys.stdin.read())
    config = SandboxConfig(
        data_file=Path(asked["data_file"]),
        secret_key=KEY,
        webhook_url=None,
        webhook_secret="whsec_replay",
        public_url=asked["url"],
    )
    app = create_app(config, clock=DatabaseClock(asked["database_url"]))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
    )
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
