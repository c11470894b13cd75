"""Status and evidence in short forms: what is filled in, who saves it at once, and what waits for a second person."""
