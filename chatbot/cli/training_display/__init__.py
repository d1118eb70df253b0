"""The displays of a training run: live, in lines, as a log."""
