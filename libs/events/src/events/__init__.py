"""Baton's events: what the services publish to each other, and to everyone else."""
