"""What a recording is asked: one file per task, Scores -> Decision; no task imports another."""
