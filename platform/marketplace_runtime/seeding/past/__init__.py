"""The demo's past: six weeks of orders and their money, as if people had been here before."""
