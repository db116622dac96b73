"""A local stand-in for Stripe: its HTTP, its refusals, its webhooks, and books of its own.

It shares no code with the marketplace, so that two independently kept books can be compared.
`rules.md` numbers every behaviour and names its source.
"""
