"""The HTTP server: the API of OpenAI's chat completions, the chat page, limits and measurements."""
