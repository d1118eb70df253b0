"""Personal data in text: found by its form, by its check digits or by the word before it, and replaced."""
