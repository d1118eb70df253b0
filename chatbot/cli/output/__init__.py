"""Output of the commands: exit codes, messages, tables, progress bars."""
