"""Children that cannot outlive their parent: the kernel signals them when it dies, even by -9."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import TypedDict

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class SpawnOptions(TypedDict):
    preexec_fn: Callable[[], None] | None
    start_new_session: bool
    pass_fds: tuple[int, ...]


def options(*, dies_with: signal.Signals, keep: tuple[int, ...] = ()) -> SpawnOptions:
    """Arguments for subprocess and asyncio alike; spawn from the main thread only.

    The kernel means the parent's *thread*. An own session keeps the terminal's Ctrl-C from the
    children, so that their parent can end them in order.
    """
    parent = os.getpid()

    def tie() -> None:
        assert _libc is not None
        _libc.prctl(PR_SET_PDEATHSIG, dies_with.value, 0, 0, 0)
        # The parent may have died between fork and prctl; then no signal would ever come.
        if os.getppid() != parent:
            os._exit(1)

    return {
        "preexec_fn": tie if _libc is not None else None,
        "start_new_session": True,
        "pass_fds": keep,
    }
