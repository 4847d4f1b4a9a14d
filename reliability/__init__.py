"""Proof that voxlite does not break: files that lie, days of sound, processes that are killed.

A command for each: `python -m reliability.fuzz`, `python -m reliability.soak`, `python -m reliability.kill`;
docs/reliability.md says what they found. Short versions of all three run with the tests.
"""
