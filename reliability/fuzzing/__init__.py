"""Files that lie: seeds of every kind, mutations by seed, and a child process for each case."""
