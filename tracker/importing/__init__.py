"""Tables brought in from files: read, checked row by row, shown, and saved only once somebody says so."""
