"""Keeping the parts of a marketplace alive on one machine, and ending them all together."""
