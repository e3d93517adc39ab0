"""The demo: a simulated market, a feeder of real alerts and the data set it starts with."""
