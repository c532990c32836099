"""Baton's desk: the pages on which reps, leaders and marketers work, and the messages that reach them."""
