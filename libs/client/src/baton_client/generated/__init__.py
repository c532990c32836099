"""What follows from the services' OpenAPI documents. Written by `make docs`."""
