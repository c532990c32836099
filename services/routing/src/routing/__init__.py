"""Baton's routing service."""
