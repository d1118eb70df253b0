"""Parsers of WhatsApp's exports: dates, headers and notices of phones in all languages."""
