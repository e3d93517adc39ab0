"""Settings are there after a restart; documents are written by events alone, secrets by none."""

from dataclasses import replace

import pytest

from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import rows
from tradershub.domain.errors import StoreError
from tradershub.domain.events import SettingChanged
from tradershub.ports.journal import Seq
from tradershub.ports.settings import StoredSecret, StoredSession, StoredToken, StoredUser
from tradershub.store.store import Store
from tradershub.testing.journal_samples import instant

SECRET = StoredSecret(
    secret_id="s1",
    source="native",
    strategy=None,
    hashed=b"\x00\xff",
    sealed=None,
    created_at=instant(1),
    expires_at=None,
)
TOKEN = StoredToken(token_id="t1", name="bot", scope="trade", hashed=b"h", created_at=instant(1), last_used_at=None)
USER = StoredUser(
    name="admin", password_hash="$argon2id$x", totp_sealed=b"sealed", totp_last_step=7, changed_at=instant(1)
)
SESSION = StoredSession(
    session_hash=b"\x01\x02", user="admin", created_at=instant(1), seen_at=instant(2), peer="::1", agent="a browser"
)


def changed(table: str, key: str, after: str | None) -> SettingChanged:
    return SettingChanged(at=instant(1), table=table, key=key, who="admin", before=None, after=after)


async def test_private_rows_are_kept_over_a_restart(opened: OpenStore) -> None:
    store = await opened()
    await store.settings.put_secret(SECRET)
    await store.settings.put_token(TOKEN)
    await store.settings.put_user(USER)
    await store.settings.put_session(SESSION)
    await store.close()
    again = await opened()
    assert await again.settings.secrets() == (SECRET,)
    assert await again.settings.tokens() == (TOKEN,)
    assert await again.settings.user("admin") == USER
    assert await again.settings.user("nobody") is None
    assert await again.settings.sessions() == (SESSION,)
    assert await again.journal.read(Seq(0)) == ()


async def test_private_rows_are_replaced_and_deleted(store: Store) -> None:
    await store.settings.put_token(TOKEN)
    await store.settings.put_token(replace(TOKEN, last_used_at=instant(9)))
    assert [token.last_used_at for token in await store.settings.tokens()] == [instant(9)]
    await store.settings.delete_token("t1")
    await store.settings.put_secret(SECRET)
    await store.settings.delete_secret("s1")
    await store.settings.put_session(SESSION)
    await store.settings.delete_session(SESSION.session_hash)
    assert (await store.settings.tokens(), await store.settings.secrets()) == ((), ())
    assert await store.settings.sessions() == ()


async def test_a_document_follows_its_changes(store: Store) -> None:
    await store.journal.append(changed("preferences", "a", '"x"'), changed("preferences", "b", "[1]"))
    await store.journal.append(changed("preferences", "a", '{"y":1}'))
    assert await store.settings.documents("preferences") == (("a", '{"y":1}'), ("b", "[1]"))
    await store.journal.append(changed("preferences", "a", None))
    assert await store.settings.documents("preferences") == (("b", "[1]"),)


async def test_what_is_beside_a_document_follows_it(store: Store) -> None:
    strategy = '{"name":"momentum","category":"trend","status":"live","paused":true}'
    platform = '{"name":"nt8","enabled":true,"config":{"port":"8000"}}'
    account = '{"id":"nt8:Sim101","platform":"nt8","mode":"demo","enabled":false}'
    await store.journal.append(
        changed("strategies", "momentum", strategy),
        changed("execution_config", "nt8", platform),
        changed("accounts", "nt8:Sim101", account),
    )
    file = store.database.file
    assert rows(file, "SELECT * FROM strategies") == [("momentum", "trend", "live", 1, strategy)]
    assert rows(file, "SELECT * FROM execution_config") == [("nt8", 1, '{"port":"8000"}', platform)]
    assert rows(file, "SELECT * FROM accounts") == [("nt8:Sim101", "nt8", "demo", 0, account)]


async def test_a_change_of_something_without_documents_is_only_noted(store: Store) -> None:
    await store.journal.append(changed("tokens", "t1", '{"name":"bot"}'))
    assert await store.settings.tokens() == ()
    assert rows(store.database.file, "SELECT table_name, key FROM settings_audit") == [("tokens", "t1")]


async def test_a_document_that_is_no_json_is_refused_at_once(store: Store) -> None:
    with pytest.raises(StoreError, match="no JSON"):
        store.journal.append(changed("strategies", "momentum", "{"))
    with pytest.raises(StoreError, match="keeps no documents"):
        await store.settings.documents("tokens")
