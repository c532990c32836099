"""What people and senders ask capture to change, one module an aggregate."""
