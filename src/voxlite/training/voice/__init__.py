"""Training, calibration and evaluation of the voice nets."""
