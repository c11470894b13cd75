"""Charts: records in, figure out. No queries, no clock; every figure has a table twin made from the same records."""
