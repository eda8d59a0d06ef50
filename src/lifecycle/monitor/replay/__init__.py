"""Replay: real rows as a stream of days, with an incident of known kind in it."""
