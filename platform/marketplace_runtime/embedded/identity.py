"""Who PostgreSQL runs as: it refuses root and users without a name.

Those show it a user namespace in which they have an ordinary one; where the machine allows none,
root becomes nobody.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marketplace_runtime.errors import ServiceRefused

# The kernel forgets the signal of a parent's death when the user changes; setpriv sets it anew.
DROP = ("setpriv", "--reuid=nobody", "--clear-groups", "--inh-caps=-all", "--pdeathsig=INT")


@dataclass(frozen=True, slots=True)
class Identity:
    """A prefix for the command line, and the user whom the data must belong to."""

    prefix: tuple[str, ...] = ()
    owner: int | None = None

    def command(self, program: Sequence[str | Path]) -> list[str]:
        return [*self.prefix, *(str(part) for part in program)]

    def give(self, *paths: Path) -> None:
        """Let the server write in these directories; nothing to do when it runs as we do."""
        if self.owner is None:
            return
        for path in paths:
            os.chown(path, self.owner, -1)


def unprivileged(*, reaching: Sequence[Path]) -> Identity:
    """An identity PostgreSQL accepts and that reaches the paths; refuses where there is none."""
    if os.geteuid() != 0 and _has_a_name(os.geteuid()):
        return Identity()
    if namespace_works():
        return Identity(prefix=_namespace())
    if os.geteuid() != 0:
        raise ServiceRefused(
            f"PostgreSQL runs for users with a name only, user {os.geteuid()} has none, and this "
            "machine allows no user namespaces; run Souk as a user of /etc/passwd."
        )
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in reaching:
        if not reachable_by_others(path):
            raise ServiceRefused(
                f"PostgreSQL does not run as root, this machine allows no user namespaces, and "
                f"the user nobody cannot reach {path}; run Souk as an ordinary user."
            )
    return Identity(prefix=DROP, owner=nobody)


@cache
def namespace_works() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_namespace(), "true"], capture_output=True, check=False).returncode == 0


def _namespace() -> tuple[str, ...]:
    """As any user that has a name here; which one is seen by PostgreSQL alone."""
    named = {user.pw_name: user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0}
    return ("unshare", "--user", f"--map-user={named.get('nobody', min(named.values()))}")


def _has_a_name(user: int) -> bool:
    return any(known.pw_uid == user for known in pwd.getpwall())


def reachable_by_others(path: Path) -> bool:
    """Whether a stranger may enter every directory on the way, the last one not counted."""
    return all(parent.stat().st_mode & 0o001 for parent in path.absolute().parents)
