"""The tests of TradersHub, one folder per layer of testing."""
