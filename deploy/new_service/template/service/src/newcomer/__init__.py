"""Baton's newcomer: who needs to be looked at, and who has looked."""
