"""CAM++: the network, its import from a user's own copy, and its calibration."""
