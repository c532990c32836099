"""A Kubernetes without machines: what it would run of the resources that it is given runs here, as processes."""
