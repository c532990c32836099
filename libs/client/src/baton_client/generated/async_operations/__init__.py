"""The operations of each service, to be awaited. Written by `make docs`."""
