"""Training, calibration and evaluation of the speaker net."""
