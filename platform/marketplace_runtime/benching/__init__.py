"""Measure what this machine does with our work, beside what its PostgreSQL could do at best."""
