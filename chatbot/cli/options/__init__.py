"""Options of the commands, and the settings in place of those that are not typed."""
