"""What one training step computes: losses, noise, optimizer."""
