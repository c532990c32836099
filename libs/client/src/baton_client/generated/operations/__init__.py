"""The operations of each service. Written by `make docs`."""
