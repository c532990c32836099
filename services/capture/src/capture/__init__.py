"""Baton's capture service."""
