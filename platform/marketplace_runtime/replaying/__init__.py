"""Replay another marketplace's order history through our own operations: docs/replay.md."""
