"""The commands of `tradershub`: what each loads is what it needs, so that `kill` is there at once."""
