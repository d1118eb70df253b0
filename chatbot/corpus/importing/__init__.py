"""The import of conversations: turns of any format to pairs of a corpus."""
