"""Kits: pads with round-robins and velocity layers, as samplers read them."""
