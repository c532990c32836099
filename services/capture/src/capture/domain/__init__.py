"""The rules of taking people in: pure values in, pure values and events out."""
