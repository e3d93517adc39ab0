"""The recorder in a process of its own: the platform's side of the socket link, which outlives every hub."""

from __future__ import annotations

from types import TracebackType


class RecorderProcess:
    port: int

    def __enter__(self) -> RecorderProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def forget(self) -> None: ...

    def wait_for(self, count: int) -> dict[str, list[int]]:
        return {}
