"""The networks: Generator, Critic, their layers and their growth."""
