"""The objective: teacher forcing, and candidate replies beside it, with their labels, loss and gradients."""
