"""The roots of everything foreseen that can go wrong.

Each capability has the rest in its own `errors.py`, beside the values that they carry. An error is data with a stable
code: `str(error)` is for the log, and `bot.ui.error_messages` has the words for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, TypeAlias, TypeVar, dataclass_transform

E = TypeVar("E", bound="BotError")


@dataclass_transform(frozen_default=True, eq_default=False)
def error(kind: type[E]) -> type[E]:
    """`kind` as a dataclass. Only the type checker holds it frozen: contextlib sets an exception's `__traceback__`."""
    return dataclass(eq=False, repr=False)(kind)


class BotError(Exception):
    """Whatever the bot foresaw. `code` names it in storage and in catalogues of sentences, and never changes."""

    code: ClassVar[str] = "error"
    is_fault: ClassVar[bool] = True
    """Whether something is wrong with the bot, and not only with what it was asked for."""

    def __str__(self) -> str:
        return self.code.replace("_", " ")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class Refusal(BotError):
    """The command is not carried out: the person alone is told, and nothing was counted."""

    code = "refusal"
    is_fault = False


class RequestRefused(Refusal):
    """Something other than a picture was asked for, and nothing was done or changed."""

    code = "request_refused"


class GenerationFailed(BotError):
    """No picture came of a reservation: the images are given back, and the member is notified.

    `may_have_cost`: whether the operator may have paid for the attempt that ended so. Each class has its usual answer;
    an error is made with another where only a proxy has answered. `detail` is for the log.
    """

    code = "generation_failed"
    may_have_cost: bool = False
    detail: str = ""

    def __init__(self, detail: str = "", *, may_have_cost: bool | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if may_have_cost is not None:
            self.may_have_cost = may_have_cost

    def __str__(self) -> str:
        return self.detail or super().__str__()


@error
class UnforeseenFailure(GenerationFailed):
    """Something nobody thought of; `reference` finds it in the log."""

    code = "unforeseen_failure"
    may_have_cost = True
    reference: str

    def __str__(self) -> str:
        return f"unforeseen failure {self.reference}"


@error
class AlreadyAcknowledged(BotError):
    """Discord takes no first answer to this interaction any more: another process has given it. Stay silent.

    Not `certain`: Discord does not say so, and the 3 s for it may be over instead.
    """

    code = "already_acknowledged"
    certain: bool = True

    def __str__(self) -> str:
        return "another process has answered it" + ("" if self.certain else ", or it is too late")


# The database.


class DatabaseTrouble(StrEnum):
    """What keeps the database from being used."""

    UNREACHABLE = "unreachable"  # nobody answers at its address
    STARTING = "starting"  # or being shut down
    BUSY = "busy"  # it is locked, or takes too long
    CONNECTIONS = "connections"  # all its connections are in use
    FULL = "full"  # it has no room left
    READ_ONLY = "read_only"  # its server takes no writes
    LOGIN = "login"  # name or password are wrong
    NO_DATABASE = "no_database"  # there is no database of that name
    NO_CONNECT = "no_connect"  # the role may not connect to it
    NO_PRIVILEGES = "no_privileges"  # the role may not do what the bot has to do
    NO_SCHEMA = "no_schema"  # its search path names no schema that there is
    TAKEN = "taken"  # it has tables of somebody else's, of the same names
    ENCRYPTION = "encryption"  # the two sides do not agree on it
    POOLER = "pooler"  # a pooler in front of it refuses parameters in the URL
    NO_FILE = "no_file"  # its file can't be opened
    FILE_READ_ONLY = "file_read_only"  # its file can't be written to
    NOT_A_DATABASE = "not_a_database"  # its file is something else
    FILE_SYSTEM = "file_system"  # its file system has no locks, as most that are mounted over a network
    OTHER = "other"


@error
class DatabaseUnavailable(Refusal):
    """The database does not answer; without it nothing is painted (fail closed). `detail` is what the engine said."""

    code = "database_unavailable"
    is_fault = True
    detail: str = ""
    trouble: DatabaseTrouble = DatabaseTrouble.OTHER

    def __str__(self) -> str:
        return self.detail or super().__str__()


class DatabaseBusy(Refusal):
    """Reserving took longer than a member can be kept waiting for."""

    code = "database_busy"
    is_fault = True


# Interactions.

Piece: TypeAlias = Literal["command", "button", "form"]


@error
class OutdatedInteraction(RequestRefused):
    """A command, button or form of another version of the bot."""

    code = "outdated_interaction"
    what: Piece

    def __str__(self) -> str:
        return f"{self.what} of another version"


class InvalidInteraction(RequestRefused):
    """What Discord sent along lacks something, or has it in a shape that nobody knows."""

    code = "invalid_interaction"


@error
class InvalidOption(RequestRefused):
    """A value of the command's `option`, or of a form's field, that no client of Discord sends.

    `offered` are those that it has now, where they can be listed: a client may have had others before.
    """

    code = "invalid_option"
    option: str
    offered: tuple[str, ...] = ()


@error
class CommandWithheld(RequestRefused):
    """The admins of the server keep `command` from whoever pressed a button that does the same."""

    code = "command_withheld"
    command: str


class NotYourButton(RequestRefused):
    """Somebody pressed a button that speaks for somebody else."""

    code = "not_your_button"


class BulkWorkRunning(RequestRefused):
    """The same person's last command that moves much is not done yet."""

    code = "bulk_work_running"
