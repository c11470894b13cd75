"""Dates in Vietnamese as officials write them in running text, 6/11/2024, tháng 11/2024; thousands parted: 800.000."""

DATE_FORMAT = "j/n/Y"
SHORT_DATE_FORMAT = "j/n/Y"
YEAR_MONTH_FORMAT = r"\t\há\n\g n/Y"
DATETIME_FORMAT = "j/n/Y, H:i"
SHORT_DATETIME_FORMAT = "j/n/Y, H:i"
MONTH_DAY_FORMAT = "j/n"
TIME_FORMAT = "H:i"
NUMBER_GROUPING = 3
