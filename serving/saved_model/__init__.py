"""An exported model on disk and in this process: signatures, description, versions, session."""
