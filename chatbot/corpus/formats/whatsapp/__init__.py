"""WhatsApp, "Export chat": headers, dates and notices of phones in all languages; the format is in `chat`."""
