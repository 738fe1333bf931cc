//! Numbers to numbers: change points, intervals, rates.
