"""What services are sent. Written by `make docs`."""
