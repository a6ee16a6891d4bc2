"""The ``drumsmith`` command: one short file per subcommand."""
