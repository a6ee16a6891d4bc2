"""What is done with sounds: made, moved about, made again, put into instruments."""
