"""The back office: every order, what is stuck, and its whole story."""
