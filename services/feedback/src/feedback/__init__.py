"""Baton's feedback service."""
