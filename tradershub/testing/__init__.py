"""What tests of TradersHub and of its extensions share: clocks, builders, doubles, contract suites."""
