"""The rules of feedback: the lifecycle table, what a lead is, what commands do, what wakes a contact. Pure."""
