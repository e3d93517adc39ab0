"""Code that speaks to a trading platform, one executor per platform."""
