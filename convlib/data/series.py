"""A record of something measured, month by month: statsmodels carries it, nothing is downloaded."""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def _monthly() -> tuple[np.ndarray, np.ndarray]:
    from statsmodels.datasets import co2  # takes seconds, so only where it is asked for

    weekly = co2.load_pandas().data["co2"]
    monthly = weekly.loc["1958-04":].resample("MS").mean().interpolate()
    times = monthly.index.year + (monthly.index.month - 0.5) / 12
    return times.to_numpy(dtype=float), monthly.to_numpy()


def carbon_dioxide() -> tuple[np.ndarray, np.ndarray]:
    """Carbon dioxide in the air over Mauna Loa, Hawaii: monthly means from April 1958 to December 2001.

    Means of the weekly averages that fall into each month.  In five months nothing was measured: June and October
    1958, and February to April 1964; there the neighbours are joined by straight lines.

    Returns
    -------
    times : numpy.ndarray, shape (525,)
        The middles of the months, in years: 1958.29 is the middle of April 1958.
    values : numpy.ndarray, shape (525,)
        Parts of carbon dioxide in a million parts of dry air.

    Notes
    -----
    Measured by C. D. Keeling and T. P. Whorf, Scripps Institution of Oceanography: *Atmospheric CO2 concentrations
    derived from flask air samples at sites in the SIO network*, in *Trends: a compendium of data on global change*,
    Carbon Dioxide Information Analysis Center, 2004; in the public domain, as :mod:`statsmodels.datasets` says.

    Examples
    --------
    >>> times, values = carbon_dioxide()
    >>> values[0].round(1), values[-1].round(1)
    (np.float64(317.2), np.float64(371.0))
    """
    times, values = _monthly()
    return times.copy(), values.copy()
