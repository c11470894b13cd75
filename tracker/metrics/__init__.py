"""Figures counted from records: no queries, no clock."""
