"""Baton on one machine."""
