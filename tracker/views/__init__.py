"""Request to response, nothing more."""
