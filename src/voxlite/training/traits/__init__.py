"""Traits of voices, gender and mood: from labelled clips to a calibrated model, and what it is worth."""
