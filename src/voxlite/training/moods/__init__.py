"""Mood: one fixed description of how something is said, and linear layers on it.

So few voices feign moods that no more can be learned from them without learning the voices.
"""
