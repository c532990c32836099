"""What services answer. Written by `make docs`."""
