"""What the runtime can refuse, in one plain sentence for the person at the terminal."""

from typing import ClassVar


class RuntimeRefusal(Exception):
    """An expected no: the command line prints the sentence and exits, without a traceback."""

    exit_code: ClassVar[int] = 1


class WrongSettings(RuntimeRefusal):
    """One or more variables of the environment are missing or wrong; one sentence each."""

    exit_code: ClassVar[int] = 2

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class HomeRefused(RuntimeRefusal):
    """The directory for data cannot be used as one."""


class ServiceRefused(RuntimeRefusal):
    """An embedded server cannot be found, or cannot be started here."""


class PortTaken(RuntimeRefusal):
    """A port that was asked for by number belongs to another program."""
