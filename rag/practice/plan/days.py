"""Days as a learner lives them: local, from an hour of their choice to the same hour next day."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_STARTS = 4  # o'clock: who practises past midnight is still in the old day


def local_day(when: datetime, starts: int = DAY_STARTS, zone: tzinfo | None = None) -> date:
    """The day that a moment belongs to.

    Args:
        starts: hour of the local day, 0 to 23, at which a day begins.
        zone: whose days; None is this machine's.
    """
    return (when.astimezone(zone) - timedelta(hours=starts)).date()


def day_begins(day: date, starts: int = DAY_STARTS, zone: tzinfo | None = None) -> datetime:
    """The first moment of a day (UTC)."""
    return datetime.combine(day, time(starts), zone).astimezone(UTC)
