"""The trading vocabulary and its decisions: pure values, standard library only."""
