"""The error that means: the person at the keyboard can mend this."""


class UserError(Exception):
    """A mistake that the user can mend; the command prints it as one line and exits with 2.

    The message says what is wrong and what to do, in one line, with the offending value named.
    Folders subclass it where callers want to tell causes apart.
    """


class ConfigError(UserError):
    """An option that does not exist, has a wrong type, or contradicts another."""
