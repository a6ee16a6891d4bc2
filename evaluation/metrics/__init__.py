"""The metrics, each beside what it means and what is good."""
