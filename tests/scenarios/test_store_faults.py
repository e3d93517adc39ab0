"""Files that are locked, shared, copied, damaged or of another version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.asking import wait_for
from tests.support.hub_process import HubProcess
from tests.support.messages import native_bytes


def test_a_locked_database_is_answered_busy_and_stores_nothing(hub: HubProcess) -> None:
    """F005: nobody is told 2xx first; the same message trades once the file is free again."""
    body = native_bytes()
    with closing(sqlite3.connect(hub.database(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = hub.signal(body)
        other.execute("ROLLBACK")
    assert busy.status == 503
    assert int(busy.headers["retry-after"]) > 0
    again = hub.signal(body)
    assert again.status == 202, again.text
    wait_for(hub.api, again, {"filled"})
    assert len(hub.api.get("/api/fills")["items"]) == 1


def test_a_second_hub_on_the_same_folder_refuses_to_start(hub: HubProcess, tmp_path: Path) -> None:
    """F013: the first goes on, and every order leaves once."""
    second = HubProcess(hub.home).launch()
    assert second.ended() != 0
    said = second.output.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert str(hub.pid) in said or "already" in said or "another" in said
    wait_for(hub.api, hub.signal(native_bytes()), {"filled"})
    assert len(hub.api.get("/api/fills")["items"]) == 1


def test_a_backup_made_while_the_hub_trades_can_be_restored(hub: HubProcess, tmp_path: Path) -> None:
    """F061: by the backup interface; what was filled before it is there afterwards."""
    first = wait_for(hub.api, hub.signal(native_bytes()), {"filled"})
    target = tmp_path / "saved.db"
    made = hub.run("backup", str(target))
    assert made.returncode == 0, made.stdout + made.stderr
    wait_for(hub.api, hub.signal(native_bytes()), {"filled"})
    hub.stop()
    restored = hub.run("restore", str(target))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    with closing(sqlite3.connect(hub.database())) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT order_id FROM fills").fetchall() == [(first["order_id"],)]


def test_a_damaged_database_is_found_at_start_and_kept(hub: HubProcess) -> None:
    """F062: the hub refuses to trade on it, says so, and does not touch the file."""
    for _ in range(5):
        wait_for(hub.api, hub.signal(native_bytes()), {"filled"})
    hub.stop()
    file = hub.database()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    middle = len(content) // 4096 // 2 * 4096
    content[4096 : middle + 4096] = b"\xa5" * middle
    file.write_bytes(content)
    hub.launch()
    assert hub.ended() != 0
    assert "Traceback" not in hub.output.read_text(encoding="utf-8")
    assert file.read_bytes() == bytes(content)


def test_the_kill_switch_works_over_a_damaged_database(hub: HubProcess) -> None:
    """F062: stopping needs no journal."""
    hub.stop()
    file = hub.database()
    file.write_bytes(b"\xa5" * file.stat().st_size)
    killed = hub.run("kill")
    assert killed.returncode == 0, killed.stdout + killed.stderr


def test_a_database_of_a_newer_version_is_refused(hub: HubProcess) -> None:
    """F063: an old program does not touch what it does not understand."""
    hub.stop()
    with closing(sqlite3.connect(hub.database())) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
        connection.commit()
    hub.launch()
    assert hub.ended() != 0
    said = hub.output.read_text(encoding="utf-8")
    assert "newer" in said
    assert "Traceback" not in said
