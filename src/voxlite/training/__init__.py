"""Training, evaluation and export of the models (extra `train`); the client never imports this package."""
