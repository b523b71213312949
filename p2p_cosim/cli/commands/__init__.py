"""One file a command: its arguments and its help. What it does stands beside this folder,
and is imported when the command runs, so that `--help` answers at once."""
