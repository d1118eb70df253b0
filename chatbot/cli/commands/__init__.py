"""The commands of `chatbot`, one file for each."""
