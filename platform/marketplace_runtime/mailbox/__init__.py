"""The mail catcher of development and tests: real SMTP in, nothing ever sent on."""
