"""The conversation on the terminal: screens, /commands, completion, transcripts."""
