"""From decoded sounds to records."""
