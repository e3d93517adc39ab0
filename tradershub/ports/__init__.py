"""The contracts between the layers: what the hub needs from the outside, in our own words."""
