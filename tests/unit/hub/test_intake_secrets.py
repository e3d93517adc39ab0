"""Secrets of the doors: in the message, in the path, by signature; of a source, of a strategy, rotated."""

from __future__ import annotations

import hashlib
import hmac

from tests.unit.hub.conftest import OpenHub
from tradershub.domain.ids import StrategyName
from tradershub.domain.sources import SourceAuth
from tradershub.ports.intake import Signature
from tradershub.testing.builders import a_source, a_strategy
from tradershub.testing.hub_under_test import HubUnderTest
from tradershub.testing.memory_settings import SECRET


async def test_a_token_in_the_path_is_a_secret_too(hub: HubUnderTest) -> None:
    bare = hub.message(secret=None)
    assert (await hub.post(bare, path_token=SECRET)).status == 202
    assert (await hub.post(hub.message(secret=None), path_token="wrong")).status == 401


async def test_a_source_may_close_its_path(open_hub: OpenHub) -> None:
    hub = await open_hub(sources=[a_source(path_token=False)])
    assert (await hub.post(hub.message(secret=None), path_token=SECRET)).status == 401
    assert (await hub.send()).status == 202


async def test_the_common_secret_ends_where_a_source_gets_its_own(hub: HubUnderTest) -> None:
    new = await hub.hub.control.sources.rotate("native", {}, who="admin")
    assert (await hub.send()).status == 401
    assert (await hub.send(secret=new.secret)).status == 202
    assert new.path == f"/webhook/native/{new.secret}"
    assert (await hub.post(hub.message(secret=None), path_token=new.secret)).status == 202


async def test_the_common_secret_overlaps_with_a_sources_first_own(hub: HubUnderTest) -> None:
    new = await hub.hub.control.sources.rotate("native", {"overlap_s": 60}, who="admin")
    assert (await hub.send()).status == 202
    assert (await hub.send(secret=new.secret)).status == 202
    await hub.settle(61)
    assert (await hub.send()).status == 401
    assert (await hub.send(secret=new.secret)).status == 202


async def test_a_rotated_secret_overlaps_with_the_new_one(hub: HubUnderTest) -> None:
    old = await hub.hub.control.sources.rotate("native", {}, who="admin")
    new = await hub.hub.control.sources.rotate("native", {"overlap_s": 60}, who="admin")
    assert {(await hub.send(secret=one.secret)).status for one in (old, new)} == {202}
    await hub.settle(61)
    assert (await hub.send(secret=old.secret)).status == 401
    assert (await hub.send(secret=new.secret)).status == 202


async def test_a_rotated_secret_without_overlap_is_gone_at_once(hub: HubUnderTest) -> None:
    old = await hub.hub.control.sources.rotate("native", {}, who="admin")
    await hub.hub.control.sources.rotate("native", {}, who="admin")
    assert (await hub.send(secret=old.secret)).status == 401


async def test_a_strategys_own_secret_admits_only_that_strategy(open_hub: OpenHub) -> None:
    hub = await open_hub(strategies=[a_strategy(), a_strategy(name=StrategyName("other"))])
    own = await hub.hub.control.sources.rotate("native", {"strategy": "momentum"}, who="admin")
    assert (await hub.send(secret=own.secret)).status == 202
    assert (await hub.send(secret=own.secret, strategy_name=None)).orders[0]["state"] == "sending"
    reply = await hub.send(secret=own.secret, strategy_name="other")
    assert (reply.status, reply.code) == (401, "unauthorised")


async def test_a_strategys_own_secret_does_not_take_away_that_of_its_source(hub: HubUnderTest) -> None:
    await hub.hub.control.sources.rotate("native", {"strategy": "momentum"}, who="admin")
    assert (await hub.send()).status == 202


async def test_secrets_survive_a_restart(hub: HubUnderTest) -> None:
    new = await hub.hub.control.sources.rotate("native", {}, who="admin")
    await hub.restart()
    assert (await hub.send(secret=new.secret)).status == 202
    assert (await hub.send()).status == 401
    assert new.secret not in repr(hub.world.secrets.kept)


def signed(hub: HubUnderTest, key: str, body: bytes, *, ago_s: int = 0) -> Signature:
    stamp = str(hub.world.clock.now() // 10**9 - ago_s)
    digest = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Signature(timestamp=stamp, digest=digest)


async def test_a_signed_source_accepts_signatures_and_nothing_else(open_hub: OpenHub) -> None:
    hub = await open_hub(sources=[a_source(auth=SourceAuth.HMAC)])
    key = (await hub.hub.control.sources.rotate("native", {}, who="admin")).secret
    body = hub.message(secret=None)
    assert (await hub.post(body, signature=signed(hub, key, body))).status == 202
    for wrong in (
        None,
        signed(hub, "another key", body),
        signed(hub, key, body + b" "),
        signed(hub, key, body, ago_s=301),
        signed(hub, key, body, ago_s=-301),
        Signature(timestamp="1e9", digest="00"),
        Signature(timestamp="", digest=""),
    ):
        assert (await hub.post(body, signature=wrong)).status == 401
    assert (await hub.send(secret=key)).status == 401
    assert (await hub.post(hub.message(secret=None), path_token=key)).status == 401
    old = hub.message(secret=None, comment="older")
    assert (await hub.post(old, signature=signed(hub, key, old, ago_s=299))).status == 202


async def test_the_common_secret_signs_nothing(open_hub: OpenHub) -> None:
    hub = await open_hub(sources=[a_source(auth=SourceAuth.HMAC)])
    body = hub.message(secret=None)
    assert (await hub.post(body, signature=signed(hub, SECRET, body))).status == 401
