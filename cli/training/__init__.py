"""From a folder of sounds to an export."""
