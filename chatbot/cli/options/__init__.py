"""Options of the commands, and the settings that stand in for them."""
