"""Baton's scoring service."""
