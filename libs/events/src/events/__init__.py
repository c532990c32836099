"""Baton's events: what the five services say to each other, and to everyone else."""
