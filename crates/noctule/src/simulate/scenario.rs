//! What happens in a simulated world: how much is posted in each month, where the level of escrow mentions
//! jumps, and which events are said to have caused it.
//!
//! A scenario is data. To add one, write a `Scenario` and a line in [`SCENARIOS`].

use super::calendar::{DAY_SECS, Month, civil_from_days};

/// A planted change of level: from this month on there are `factor` times (in thousandths) as many escrow mentions.
pub struct Change {
    pub month: Month,
    pub factor: u32,
}

/// An agent who leaves with everything he holds: the best-known one.
pub struct Exit {
    /// The first month in which he is slow and complaints about him pile up.
    pub slow_from: Month,
    /// The month of his going; the date is the event's.
    pub gone: Month,
    /// Day of that month.
    pub day: u32,
}

/// Goes into `events.csv`, as `study --events` reads it.
pub struct Event {
    pub date: &'static str,
    pub name: &'static str,
    pub url: &'static str,
}

pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    pub first: Month,
    /// All messages: relative weight of each month of the window.
    pub volume: &'static [u32],
    /// Escrow mentions: level of each month within its regime, in thousandths; the changes multiply it.
    pub escrow_shape: &'static [u32],
    pub changes: &'static [Change],
    /// Escrow mentions per thousand messages over the whole window.
    pub escrow_per_mille: u32,
    pub events: &'static [Event],
    /// How many places in a thousand open late, die or fall silent. Where nothing is to happen it is low, so that the
    /// fixed panel, which has the share that the others leave it, keeps its level too.
    pub churn: u32,
    /// From this month on the best-known boards are closed by the police.
    pub takedown: Option<Month>,
    pub exit: Option<Exit>,
}

pub static SCENARIOS: &[&Scenario] = &[&KNOWN_2020_2022, &QUIET, &TAKEDOWN, &AGENT_EXIT];

/// The shape that is known of the real series (secondary reports of the 2023 study): flat 2020, flight to
/// Telegram in the second half of 2021 with the peak in autumn, fall in early 2022, trough in June, rise
/// from October to December. Inside a regime the level drifts by a few percent only, so that the planted
/// changes are the true ones.
pub static KNOWN_2020_2022: Scenario = Scenario {
    name: "known-2020-2022",
    about: "the known shape of escrow mentions from January 2020 to December 2022",
    first: Month { year: 2020, month: 1 },
    volume: &[
        82, 84, 88, 90, 92, 90, 91, 93, 95, 97, 98, 100, // 2020
        104, 108, 110, 108, 110, 114, 138, 146, 154, 160, 156, 150, // 2021
        142, 122, 116, 112, 108, 104, 108, 112, 114, 122, 128, 134, // 2022
    ],
    escrow_shape: &[
        960, 990, 1000, 1020, 980, 1010, 1000, 970, 1020, 1010, 990, 1000, // 2020
        1010, 1030, 990, 1000, 1020, 1000, // first half of 2021
        950, 980, 1030, 1070, 1040, 980, 950, // July 2021 to January 2022
        1040, 1020, 1010, 990, 960, 980, 1000, 1010, // to September 2022
        960, 1000, 1050,
    ],
    changes: &[
        Change { month: Month { year: 2021, month: 7 }, factor: 2200 },
        Change { month: Month { year: 2022, month: 2 }, factor: 450 },
        Change { month: Month { year: 2022, month: 10 }, factor: 1550 },
    ],
    escrow_per_mille: 62,
    events: &[
        Event {
            date: "2021-07-02",
            name: "Two popular forums compromised, users move to Telegram",
            url: "https://news.example/forums-compromised",
        },
        Event { date: "2022-02-01", name: "Large carding markets seized", url: "https://news.example/markets-seized" },
        Event {
            date: "2022-03-10",
            name: "Card payments stop in one country",
            url: "https://news.example/payment-stop",
        },
        Event { date: "2022-10-03", name: "A new guarantee market opens", url: "https://news.example/market-opens" },
    ],
    churn: 750,
    takedown: None,
    exit: None,
};

/// Nothing happens, so whatever a method finds here it has invented. The one event changed nothing.
pub static QUIET: Scenario = Scenario {
    name: "quiet",
    about: "two years in which nothing happens; every change found here is a false one",
    first: Month { year: 2021, month: 1 },
    volume: &[
        100, 98, 101, 103, 99, 97, 100, 102, 104, 101, 99, 98, // 2021
        101, 103, 100, 98, 97, 99, 102, 103, 100, 101, 99, 100, // 2022
    ],
    escrow_shape: &[
        1000, 985, 1010, 1020, 990, 975, 1000, 1015, 1030, 1005, 995, 980, // 2021
        1010, 1025, 1000, 985, 970, 990, 1020, 1030, 1000, 1010, 990, 1000, // 2022
    ],
    changes: &[],
    escrow_per_mille: 55,
    events: &[Event {
        date: "2022-01-10",
        name: "A law that nobody noticed",
        url: "https://news.example/law-without-effect",
    }],
    churn: 180,
    takedown: None,
    exit: None,
};

/// Two forums and a marketplace are closed at once; half of what was said there moves on within the year.
pub static TAKEDOWN: Scenario = Scenario {
    name: "takedown",
    about: "the best-known boards are closed by the police in April 2021; part of the trade comes back in November",
    first: Month { year: 2020, month: 1 },
    volume: &[
        100, 101, 103, 104, 103, 105, 106, 108, 107, 109, 110, 112, // 2020
        112, 114, 115, 84, 82, 85, 86, 88, 90, 92, 98, 101, // 2021
        103, 102, 104, 105, 106, 107, // first half of 2022
    ],
    escrow_shape: &[
        980, 1000, 1010, 990, 1020, 1000, 1010, 990, 1000, 1020, 980, 1000, // 2020
        1010, 990, 1000, // to March 2021
        1020, 1000, 980, 990, 1010, 1000, 1000, // April to October
        980, 1000, 1020, 1010, 990, 1000, 1010, 990,
    ],
    changes: &[
        Change { month: Month { year: 2021, month: 4 }, factor: 480 },
        Change { month: Month { year: 2021, month: 11 }, factor: 1600 },
    ],
    escrow_per_mille: 62,
    events: &[
        Event {
            date: "2021-04-06",
            name: "Two forums and a marketplace seized",
            url: "https://news.example/boards-seized",
        },
        Event { date: "2021-11-02", name: "A successor forum opens", url: "https://news.example/successor-opens" },
        Event { date: "2022-03-15", name: "A law that nobody noticed", url: "https://news.example/law-without-effect" },
    ],
    churn: 350,
    takedown: Some(Month { year: 2021, month: 4 }),
    exit: None,
};

/// The best-known agent grows slow in February, is complained about, and is gone on 18 April. Everybody speaks of
/// escrow then, and for half a year fewer people use it.
pub static AGENT_EXIT: Scenario = Scenario {
    name: "agent-exit",
    about: "the best-known escrow agent grows slow in February 2022 and is gone with the money in April",
    first: Month { year: 2021, month: 1 },
    volume: &[
        100, 101, 99, 102, 103, 101, 104, 103, 105, 104, 106, 105, // 2021
        106, 107, 106, 110, 108, 104, 103, 102, 104, 103, 105, 106, // 2022
    ],
    escrow_shape: &[
        990, 1010, 1000, 985, 1015, 1000, 1020, 990, 1000, 1010, 990, 1000, // 2021
        1010, 1020, 1040, // to March 2022
        1040, 990, 960, // April to June
        1000, 990, 1000, 980, 1010, 1010,
    ],
    changes: &[
        Change { month: Month { year: 2022, month: 4 }, factor: 1900 },
        Change { month: Month { year: 2022, month: 7 }, factor: 350 },
    ],
    escrow_per_mille: 60,
    events: &[
        Event { date: "2022-02-07", name: "First payouts late", url: "https://news.example/payouts-late" },
        Event {
            date: "2022-04-18",
            name: "The best-known escrow agent disappears",
            url: "https://news.example/agent-gone",
        },
        Event { date: "2022-09-12", name: "A law that nobody noticed", url: "https://news.example/law-without-effect" },
    ],
    churn: 250,
    takedown: None,
    exit: Some(Exit { slow_from: Month { year: 2022, month: 2 }, gone: Month { year: 2022, month: 4 }, day: 18 }),
};

impl Scenario {
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().copied().find(|s| s.name == name)
    }

    pub fn months(&self) -> usize {
        self.volume.len()
    }

    pub fn month(&self, index: usize) -> Month {
        self.first.plus(index)
    }

    /// Escrow mentions: relative weight of each month, changes multiplied in.
    pub fn escrow_weights(&self) -> Vec<u64> {
        let mut level = 1_000_000u64;
        (0..self.months())
            .map(|index| {
                for change in self.changes.iter().filter(|c| c.month == self.month(index)) {
                    level = level * u64::from(change.factor) / 1000;
                }
                level * u64::from(self.escrow_shape[index]) / 1000
            })
            .collect()
    }

    /// The index of the month in which boards are closed.
    pub fn takedown(&self) -> Option<usize> {
        self.takedown.map(|month| self.first.until(month) as usize)
    }

    /// The month of a Unix time within the window.
    pub fn month_of(&self, at: i64) -> Option<usize> {
        let (year, month, _) = civil_from_days(at.div_euclid(DAY_SECS));
        let index = self.first.until(Month { year, month });
        usize::try_from(index).ok().filter(|index| *index < self.months())
    }

    /// Index of the first month of each change, ascending.
    pub fn change_indices(&self) -> Vec<usize> {
        self.changes.iter().map(|c| self.first.until(c.month) as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_one_row_a_month() {
        for scenario in SCENARIOS {
            assert_eq!(scenario.volume.len(), scenario.escrow_shape.len(), "{}", scenario.name);
            assert!(scenario.months() >= 24, "{}", scenario.name);
            assert_eq!(scenario.month_of(scenario.month(5).start() + 9), Some(5));
            assert_eq!(scenario.month_of(scenario.first.start() - 1), None);
            assert_eq!(scenario.month_of(scenario.month(scenario.months()).start()), None);
            for at in scenario.change_indices() {
                assert!((1..scenario.months()).contains(&at));
            }
        }
    }

    #[test]
    fn the_known_shape_peaks_in_autumn_2021_and_has_its_later_trough_in_june_2022() {
        let weights = KNOWN_2020_2022.escrow_weights();
        let peak = (0..36).max_by_key(|i| weights[*i]).expect("36 months");
        assert_eq!(KNOWN_2020_2022.month(peak).word(), "2021-10");
        let trough = (24..36).min_by_key(|i| weights[*i]).expect("12 months");
        assert_eq!(KNOWN_2020_2022.month(trough).word(), "2022-06");
    }
}
