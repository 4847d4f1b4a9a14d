"""Detectors of a user's own sounds: the shipped voice net's lower half, and one layer learned from a few clips."""
