"""All errors of the hub on one screen."""

from dataclasses import dataclass


class TradersHubError(Exception):
    """The root of the hub's own errors."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a configuration: where it is, what is wrong and what to do about it."""

    file: str
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.problem}; {self.remedy}"


class ConfigurationError(TradersHubError):
    """The configuration cannot be used; holds every mistake, not the first one."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class SignalRefused(TradersHubError):  # noqa: N818 -- the name the contract gives it: a refusal, not a fault
    """A message that is wrong in itself. `status` is the HTTP answer, `got` never holds a secret."""

    def __init__(self, code: str, field: str | None, advice: str, *, got: object = None, status: int = 422) -> None:
        self.code, self.field, self.advice, self.status = code, field, advice, status
        self.got = None if got is None else str(got)[:64]
        super().__init__(f"{code}: {advice}")


class RequestRefused(TradersHubError):  # noqa: N818 -- as SignalRefused, for calls of the API
    """A call that cannot be carried out as it stands; `status` is the HTTP answer."""

    def __init__(self, status: int, code: str, advice: str, *, field: str | None = None, got: object = None) -> None:
        self.status, self.code, self.field, self.advice = status, code, field, advice
        self.got = None if got is None else str(got)[:64]
        super().__init__(f"{code}: {advice}")


class PlatformError(TradersHubError):
    """A platform cannot be used now."""


class PlatformUnavailable(PlatformError):  # noqa: N818 -- named by the contract
    """The platform does not answer: try again later."""


class CredentialsExpired(PlatformError):  # noqa: N818 -- named by the contract
    """The platform wants a person to sign in again."""


class PlatformConfigError(PlatformError):
    """The platform's configuration is wrong: stop until a person has changed it."""


class StoreError(TradersHubError):
    """The store cannot be used."""


class NotStored(StoreError):  # noqa: N818 -- what happened, in the words of the promise
    """The transaction did not commit; nothing of it is on disk."""


class DuplicateSignal(StoreError):  # noqa: N818 -- named as everywhere else
    """A signal with this key is already stored."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"a signal with the key {key!r} is already stored")


class CommitUnknown(StoreError):  # noqa: N818 -- neither stored nor not stored
    """Whether the transaction committed is not known: the hub stops, the restart decides."""


class StoreCorrupt(StoreError):  # noqa: N818 -- a finding, not a fault of ours
    """The database file is damaged: nothing may trade on it; the file is kept as it is."""


class SchemaTooNew(StoreError):  # noqa: N818 -- a finding, not a fault of ours
    """The database was written by a newer hub than this one."""


class HubAlreadyRunning(TradersHubError):  # noqa: N818 -- a state, said in words
    """Another process holds the lock of the data folder."""
