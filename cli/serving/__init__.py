"""Models as a service, and which there are."""
