"""Numbers of other libraries, each beside the script that makes it."""
