"""A store on a real database file, and a clock that stands still."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.unit.store.support import SetClock
from tradershub.store.database import open_database
from tradershub.store.store import Store, open_store
from tradershub.store.writer import StoreHooks

OpenStore = Callable[..., Awaitable[Store]]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def opened(tmp_path: Path, clock: SetClock) -> AsyncIterator[OpenStore]:
    """Opens the store of the test's folder, with hooks if given; what is still open at the end is closed."""
    stores: list[Store] = []

    async def open_one(hooks: StoreHooks | None = None) -> Store:
        store = open_store(open_database(tmp_path, clock=clock), hooks=hooks)
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        await store.close()


@pytest.fixture
async def store(opened: OpenStore) -> Store:
    return await opened()
