"""From sounds to instruments: recall, variations, output as producers expect it, kits, beats."""
