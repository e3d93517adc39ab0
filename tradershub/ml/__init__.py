"""Optional models on top of the analytics: slippage, anomalies, suggestions."""
