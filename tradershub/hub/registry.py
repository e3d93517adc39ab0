"""The settings as the signal path reads them: typed, in memory, replaced row by row."""

from collections.abc import Iterable
from decimal import Decimal

from tradershub.domain.accounts import Account, AccountMode, PlatformSettings
from tradershub.domain.sources import Source
from tradershub.domain.strategies import Strategy


class Registry:
    """Strategies, accounts, platforms and sources by name. Only the desks change it, after the change is durable."""

    def __init__(
        self,
        *,
        strategies: Iterable[Strategy] = (),
        accounts: Iterable[Account] = (),
        platforms: Iterable[PlatformSettings] = (),
        sources: Iterable[Source] = (),
    ) -> None:
        self.strategies: dict[str, Strategy] = {strategy.name: strategy for strategy in strategies}
        self.accounts: dict[str, Account] = {account.id: account for account in accounts}
        self.platforms: dict[str, PlatformSettings] = {platform.name: platform for platform in platforms}
        self.sources: dict[str, Source] = {source.name: source for source in sources}

    def platform_is_enabled(self, name: str) -> bool:
        platform = self.platforms.get(name)
        return platform is not None and platform.enabled

    def accounts_of(self, platform: str) -> tuple[Account, ...]:
        return tuple(account for account in self.accounts.values() if account.platform == platform)

    @staticmethod
    def balance(account: Account) -> Decimal:
        """Return what sizes by equity count on: the starting balance, until platforms report their own."""
        return account.starting_balance

    def mode(self) -> AccountMode:
        """Return the most real mode of any enabled account on an enabled platform."""
        modes = {a.mode for a in self.accounts.values() if a.enabled and self.platform_is_enabled(a.platform)}
        return next((mode for mode in (AccountMode.LIVE, AccountMode.DEMO) if mode in modes), AccountMode.PAPER)
