"""Baton's sla-monitor: watches that the promise to follow up is kept, and says so when it is not."""
