"""TradersHub turns one trading signal into checked, journaled orders on every configured account."""

__version__ = "0.1.0"
