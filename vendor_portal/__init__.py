"""The vendor portal: what to accept, what to ship, and what it earned."""
