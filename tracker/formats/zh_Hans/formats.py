"""Numbers in Chinese as statistical reports print them: thousands parted by commas."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
